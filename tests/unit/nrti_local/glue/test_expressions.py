"""Expressions of GetPartitions: AWS's page on it, and getmoto/moto test_partition_filter.py."""

from __future__ import annotations

import pytest

from nrti_local.glue.expressions import ExpressionError, Keys, read

NULL = "__HIVE_DEFAULT_PARTITION__"
VALUES = {
    "int": ["1", "2", "3", NULL],
    "decimal": ["1.2", "2.6", "3e14"],
    "string": ["one", "two", "2", "three", NULL],
    "date": ["2024-01-09", "2024-01-10", "2024-02-01"],
}


def _selected(kind: str, expression: str) -> list[str]:
    keys = Keys({"Col": kind})
    condition = read(expression, keys)
    return [value for value in VALUES[kind] if condition(keys.values([value]))]


@pytest.mark.parametrize(
    "expression",
    [
        "col = 2",
        "COL = '2'",
        "col IN (2)",
        "col in (6, '4', 2)",
        "col between 2 AND 2",
        "col > 1 AND col < 3",
        "col >= 2 and col <> 3",
        "(col) = ((2)) or (((col))) = (2)",
        "col IS NOT NULL and col = 2",
        "col not IN (1, 3)",
        "col NOT BETWEEN 1 AND 1 and col NOT BETWEEN 3 AND 3",
        "not (col = 1 or col = 3)",
        "col > -1 and col != 1 and col != 3",
    ],
)
def test_integers(expression: str) -> None:
    assert _selected("int", expression) == ["2"]


@pytest.mark.parametrize(
    "expression",
    [
        "col = 2.6",
        "col = '2.6'",
        "col in (6, '4', 2.6)",
        "col between 2 AND 3e10",
        "col > 1.5 AND col < 3",
        "col >= 2 and col <> '3e14'",
    ],
)
def test_decimals(expression: str) -> None:
    assert _selected("decimal", expression) == ["2.6"]


@pytest.mark.parametrize(
    ("expression", "selected"),
    [
        ("col = 'two'", ["two"]),
        ("col = 2", ["2"]),
        ("col IN (1, 2, 3)", ["2"]),
        ("col IN ('test', 'two', '3')", ["two"]),
        ("col between 'twn' AND 'twp'", ["two"]),
        ("col > '1' AND col < '3'", ["2"]),
        ("col LIKE 't_o'", ["two"]),
        ("col LIKE '%wo'", ["two"]),
        ("col NOT LIKE '%e' AND col not like '_'", ["two"]),
        ("col LIKE 't.o'", []),
        ("col is null", [NULL]),
        ("col <> 'one' or col is null", ["two", "2", "three", NULL]),
    ],
)
def test_strings(expression: str, selected: list[str]) -> None:
    assert _selected("string", expression) == selected


def test_dates() -> None:
    assert _selected("date", "col >= '2024-01-10' and col < '2024-02-01'") == ["2024-01-10"]


@pytest.mark.parametrize(
    ("kind", "expression", "message"),
    [
        ("int", "unknown_col IS NULL", "Invalid partition expression!"),
        ("int", "col = 'test'", "test is not an integer"),
        ("int", "col in (2.5)", "2.5 is not an integer"),
        ("int", "col LIKE '2'", "Integral data type doesn't support operation 'LIKE'"),
        ("decimal", "col = 'test'", "test is not a decimal"),
        ("decimal", "col LIKE '2'", "Decimal data type doesn't support operation 'LIKE'"),
        ("date", "col = 'test'", "test is not a date"),
        ("float", "col = 3.14", "Unknown type : 'float'"),
        ("string", "col IS test' AND not parsable", "Unsupported expression"),
        ("string", "upper(col) = 'A'", "Unsupported expression"),
        ("string", "col = col", "Unsupported expression"),
        ("string", "'a' = col", "Unsupported expression"),
        ("string", "col in (select 1)", "Unsupported expression"),
        ("string", "1", "Unsupported expression"),
    ],
)
def test_what_is_refused(kind: str, expression: str, message: str) -> None:
    with pytest.raises(ExpressionError, match=f"^{message}"):
        read(expression, Keys({"col": kind}))

"""What DuckDB says never reaches the user: each failure has Athena's code and words."""

from __future__ import annotations

import re

import duckdb
import pytest

from nrti_local.athena.failures import failure


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("1 // 0", "DIVISION_BY_ZERO: Division by zero"),
        ("1 % 0", "DIVISION_BY_ZERO: Division by zero"),
        (
            "9223372036854775807 + 1",
            "NUMERIC_VALUE_OUT_OF_RANGE: bigint addition overflow: 9223372036854775807 + 1",
        ),
        ("cast(3000000000 as integer)", "NUMERIC_VALUE_OUT_OF_RANGE: Out of range for integer: 3000000000"),
        ("cast(1e300 as real)", "NUMERIC_VALUE_OUT_OF_RANGE: Out of range for real: 1e+300"),
        ("cast('x' as date)", "INVALID_CAST_ARGUMENT: Value cannot be cast to date: x"),
        ("date '2020-13-01'", "INVALID_CAST_ARGUMENT: Value cannot be cast to date: 2020-13-01"),
        ("cast('x' as timestamp)", "INVALID_CAST_ARGUMENT: Value cannot be cast to timestamp: x"),
        ("cast(123456 as decimal(3, 1))", "INVALID_CAST_ARGUMENT: Cannot cast '123456' to DECIMAL(3,1)"),
        ("cast(row(1) as integer)", "TYPE_MISMATCH: Cannot cast a value of this type to the other"),
        ("strptime('x', '%Y')", 'INVALID_FUNCTION_ARGUMENT: Invalid format: "x"'),
        ("'{'::json", "INVALID_FUNCTION_ARGUMENT: Cannot convert value to JSON"),
        ("regexp_matches('a', '(')", "INVALID_FUNCTION_ARGUMENT: missing ): ("),
        ("chr(-1)", "INVALID_FUNCTION_ARGUMENT: Invalid UTF8 Codepoint -1"),
        ("1 << 400", "NUMERIC_VALUE_OUT_OF_RANGE: Left-shift value 400 is out of range"),
        (
            "(select 1 union all select 2)",
            "SUBQUERY_MULTIPLE_ROWS: Scalar sub-query has returned multiple rows",
        ),
        ("1 union select 1, 2", "TYPE_MISMATCH: UNION query has different number of fields"),
        ("sum(count(*))", "NESTED_AGGREGATION: Cannot nest aggregations"),
        ("approx_quantile(1, 2)", "INVALID_FUNCTION_ARGUMENT: Percentile must be between 0 and 1"),
        ("1 order by 99", "INVALID_COLUMN_REFERENCE: ORDER BY position is not in select list"),
        ("1 AS", "SYNTAX_ERROR: The statement cannot be parsed"),
    ],
)
def test_a_failure_has_a_code_and_one_fact(expression: str, said: str) -> None:
    with pytest.raises(duckdb.Error) as raised:
        duckdb.execute(f"select {expression}").fetchall()

    assert failure(str(raised.value)) == said


def test_advice_about_settings_is_left_out() -> None:
    text = "Invalid Input Error: Something is wrong. Use SET x=true to allow it!\n\nLINE 1: select"

    assert failure(text) == "INVALID_FUNCTION_ARGUMENT: Something is wrong"
    assert not re.search("SET|Error", failure("Odd Error: It is so! Try PRAGMA y."))

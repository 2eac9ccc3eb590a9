"""What Athena refuses is refused, with its code and words."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.clients import fidelity
from tests.unit.nrti_local.athena.translating import refusal, translation

FROM = " from predictions"


#: (statement, the beginning of the error)
REFUSED = [
    tuple(line.replace("\\n", "\n").split(" => "))
    for line in Path(__file__).with_name("refused.txt").read_text().splitlines()
    if " => " in line
]


@pytest.mark.parametrize(("sql", "error"), REFUSED)
def test_what_athena_refuses_is_refused(sql: str, error: str) -> None:
    assert refusal(sql).startswith(error)


@pytest.mark.parametrize(
    ("clause", "error"),
    [
        ("where prediction between symmetric 5 and 2", "line 1:44: SYMMETRIC of BETWEEN is not supported"),
        ("union by name select 2", "line 1:8: BY NAME of UNION is not supported"),
        ("group by day with rollup", "line 1:36: ROLLUP of GROUP is not supported"),
    ],
)
def test_options_of_other_dialects_are_named_in_our_words(clause: str, error: str) -> None:
    assert refusal(f"select 1{FROM} {clause}") == f"SYNTAX_ERROR: {error}"


@pytest.mark.parametrize(
    "kind", ["string", "Text", "float", "datetime", "long", "numeric", "bool", "timestamptz", "array(string)"]
)
@pytest.mark.parametrize("function", ["cast", "try_cast"])
def test_other_dialects_types_are_unknown(function: str, kind: str) -> None:
    name = kind.lower().removeprefix("array(").removesuffix(")")
    assert f": Unknown type: {name}" in refusal(f"select {function}('1' as {kind})")


def test_other_dialects_types_are_names() -> None:
    assert [name for name, _ in translation("select 1 text, 2 string, 3 number").columns] == [
        "text",
        "string",
        "number",
    ]


def test_there_are_enough_of_them() -> None:
    assert len(REFUSED) >= 60
    fidelity.says(f"{len(REFUSED)} statements")


@pytest.mark.parametrize(
    ("sql", "what"),
    [
        ("select approx_set(1)", "Function 'approx_set'"),
        ("select numeric_histogram(10, x) from (values 1e0) t(x)", "Function 'numeric_histogram'"),
        ("select st_point(1, 2)", "Function 'st_point'"),
        (
            "select regexp_replace('a', '.', x -> upper(x[1]))",
            "Function 'regexp_replace' with these parameters",
        ),
        ("select truncate(1.25, 1)", "Function 'truncate' with these parameters"),
        (
            "select approx_percentile(x, 2, 0.5) from (values 1) t(x)",
            "Function 'approx_percentile' with these parameters",
        ),
        ("with recursive t(n) as (select 1) select * from t", "WITH RECURSIVE"),
        (f"select date_trunc(sensor, event_time){FROM}", "A unit that is no literal"),
        (f"select event_time at time zone sensor{FROM}", "A time zone that is no literal"),
        ("select timestamp '2024-01-01 00:00:00.1234567'", "More than six digits of a second"),
        ("select format_datetime(now(), 'ss.SS')", "The date pattern 'SS'"),
        ("select json_extract('{}', '$..a')", "The JSON path '$..a'"),
        ("select cast(null as hyperloglog)", "Type 'hyperloglog'"),
        ("select json_value('{}', 'lax $.a' returning bigint)", "JSON_VALUE"),
        ("select 1_000", "A number with underscores"),
        ("select 0x1f", "A hexadecimal number"),
    ],
)
def test_what_only_athena_has_is_refused_as_such(sql: str, what: str) -> None:
    assert f"{what} is not in the embedded AWS; it works on Athena" in refusal(sql)


def test_what_athena_takes_is_taken() -> None:
    for sql in (
        f"select sensor s, count(*) n{FROM} where day > '2' group by 1 having count(*) > 1 order by n",
        f"select p.*, row_number() over (partition by day order by event_time) r{FROM} p offset 1 limit 2",
        f"select day, t.v{FROM} cross join unnest(data) with ordinality as t(v, n) where n = 1",
        f"select upper(sensor) u, count(*){FROM} group by upper(sensor), day order by upper(sensor)",
        f"select max(event_time) filter (where ok) m{FROM} order by m",
        f"select sensor{FROM} order by 1 limit all",
        f"select x{FROM} p, unnest(data) t(x), (select 1) o join (select 2) q on true cross join (select 3)",
    ):
        assert translation(sql).columns

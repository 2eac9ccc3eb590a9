"""Stored views: what they return, and what is said of one that cannot be analyzed any more.

The messages are those in Trino's tests: trinodb/trino BaseConnectorTest.java, AbstractTestHiveViews.java and
BaseDeltaLakeConnectorSmokeTest.java. Athena's users report them with INVALID_VIEW and VIEW_IS_STALE, as in
https://github.com/aws-samples/amazon-transcribe-post-call-analytics/issues/300.
"""

from __future__ import annotations

import json
from base64 import b64encode
from typing import Any

import pytest

from nrti_local.athena.errors import AthenaError
from tests.unit.nrti_local.athena.conftest import FILLED, Run
from tests.unit.nrti_local.athena.memory_store import MemoryStore, glue_table


def view(name: str, select: str, **columns: str) -> dict[str, Any]:
    """A view as Athena stores it in the catalog."""
    definition = {
        "originalSql": select,
        "catalog": "awsdatacatalog",
        "schema": "nrti",
        "columns": [{"name": column, "type": kind} for column, kind in columns.items()],
    }
    text = b64encode(json.dumps(definition).encode()).decode()
    return {"Name": name, "TableType": "VIRTUAL_VIEW", "ViewOriginalText": f"/* Presto View: {text} */"}


def store(*views: dict[str, Any]) -> MemoryStore:
    return MemoryStore(glue_table(), *views, contents=FILLED)


def broken(run: Run, sql: str, *views: dict[str, Any]) -> str:
    with pytest.raises(AthenaError) as failed:
        run(sql, store(*views))
    return str(failed.value)


FAILED = "INVALID_VIEW: line 1:15: Failed analyzing stored view 'awsdatacatalog.nrti.v': "
STALE = "VIEW_IS_STALE: line 1:15: View 'awsdatacatalog.nrti.v' is stale or in invalid state: "


@pytest.mark.parametrize(
    ("select", "message"),
    [
        ("SELECT x\nFROM gone", "line 2:6: Table 'awsdatacatalog.nrti.gone' does not exist"),
        ("SELECT x FROM a.gone", "line 1:15: Schema 'a' does not exist"),
        ("SELECT x\n, gone\nFROM predictions", "line 1:8: Column 'x' cannot be resolved"),
        (
            "SELECT upper(prediction) x FROM predictions",
            "line 1:8: Unexpected parameters (integer) for function upper",
        ),
        ("SELECT * FROM v", "line 1:15: View is recursive"),
    ],
)
def test_a_view_that_cannot_be_analyzed_is_invalid(run: Run, select: str, message: str) -> None:
    assert broken(run, "select * from v", view("v", select, x="integer")) == FAILED + message


def test_a_view_names_the_view_in_it_that_is_invalid(run: Run) -> None:
    views = view("v", "SELECT * FROM  w", x="integer"), view("w", "SELECT x FROM gone", x="integer")

    inner = "line 1:16: Failed analyzing stored view 'awsdatacatalog.nrti.w': line 1:15: Table "
    assert (
        broken(run, "select * from v", *views) == FAILED + inner + "'awsdatacatalog.nrti.gone' does not exist"
    )


def test_a_view_that_is_no_query_cannot_be_parsed(run: Run) -> None:
    message = broken(run, "select * from v", view("v", "SELECT x FROM my-db.t", x="integer"))

    start = "INVALID_VIEW: line 1:15: Failed parsing stored view 'awsdatacatalog.nrti.v': "
    assert message == f"{start}line 1:17: mismatched input '-'"


def test_what_only_the_embedded_aws_lacks_makes_no_view_invalid(run: Run) -> None:
    message = broken(run, "select * from v", view("v", "SELECT approx_set(1) x", x="hyperloglog"))

    assert message.startswith(
        "NOT_SUPPORTED: line 1:15: Failed analyzing stored view 'awsdatacatalog.nrti.v': "
    )
    assert message.endswith("is not in the embedded AWS; it works on Athena")


@pytest.mark.parametrize(
    ("select", "columns", "explanation"),
    [
        (
            "SELECT 1 x, 2 y",
            {"x": "integer"},
            (
                "stored view column count (1) does not match column count derived from the view query "
                "analysis (2)"
            ),
        ),
        (
            "SELECT prediction renamed FROM predictions",
            {"x": "integer"},
            (
                "column [renamed] of type integer projected from query view at position 0 has a different "
                "name from column [x] of type integer stored in view definition"
            ),
        ),
        (
            "SELECT prediction x FROM predictions",
            {"x": "varchar(15)"},
            (
                "column [x] of type integer projected from query view at position 0 cannot be coerced to "
                "column [x] of type varchar(15) stored in view definition"
            ),
        ),
        (
            "SELECT length(sensor) FROM predictions",
            {"x": "bigint"},
            "a column of type bigint projected from query view at position 0 has no name",
        ),
    ],
)
def test_a_view_with_other_columns_than_it_had_is_stale(
    run: Run, select: str, columns: dict[str, str], explanation: str
) -> None:
    assert broken(run, "select * from v", view("v", select, **columns)) == STALE + explanation


def test_a_view_has_the_types_with_which_it_was_stored(run: Run) -> None:
    stored = store(view("v", "SELECT 1 X, 'a' y", x="bigint", y="varchar"))

    assert run("select x, y, typeof(x) || ' ' || typeof(y) t from v", stored).rows == [
        ["1", "a", "bigint varchar"]
    ]


def test_views_join_like_tables(run: Run) -> None:
    days = view("days", "SELECT day, count(*) n FROM predictions GROUP BY day", day="date", n="bigint")
    low = view("low", "SELECT * FROM days WHERE day < DATE '2026-11-21'", day="date", n="bigint")

    joined = "select a.n, b.day from (low a join days b on a.day < b.day) order by b.day limit 1"
    assert run(joined, store(days, low)).rows == [["10", "2026-11-21"]]


def test_the_position_of_an_error_is_not_that_of_a_part_of_a_view(run: Run) -> None:
    both = view("v", "SELECT 1 x, 2 y", x="integer", y="integer")

    assert "line 1:20: A subquery of several columns" in broken(run, "select 1 + (select * from v)", both)

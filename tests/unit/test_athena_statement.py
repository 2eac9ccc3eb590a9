"""Which statements only read."""

from __future__ import annotations

import pytest

from nrti_cli.athena.statement import decoded, require_reading
from nrti_cli.errors import UsageError


@pytest.mark.parametrize(
    "sql",
    [
        "select 1",
        "\n SELECT(1)",
        "-- drop table predictions\nselect 1",
        "/* insert */ with a as (select 1) select * from a",
        "((select 1))",
        "values 1",
        "table predictions",
        "show tables",
        "describe predictions",
        "explain select 1",
        "explain analyze verbose select 1",
        "explain (type io, format json) select 1",
        "explain (select 1)",
    ],
)
def test_what_reads_may_run(sql: str) -> None:
    require_reading(sql)


@pytest.mark.parametrize(
    ("sql", "word"),
    [
        ("drop table predictions", "drop"),
        ("  -- select\n DROP table predictions", "DROP"),
        ("/* select */ create table a as select 1", "create"),
        ("insert into predictions select 1", "insert"),
        ("unload (select 1) to 's3://b/'", "unload"),
        ("explain analyze insert into a select 1", "insert"),
        ("explain (type io) drop table a", "drop"),
        ("execute q", "execute"),
        ("msck repair table predictions", "msck"),
        ("alter table predictions drop partition (day = '2026-01-01')", "alter"),
        ("selec 1", "selec"),
    ],
)
def test_what_could_change_something_is_refused(sql: str, word: str) -> None:
    with pytest.raises(UsageError, match=f"^nrti query only reads: '{word}' is not"):
        require_reading(sql)


@pytest.mark.parametrize("sql", ["-- only this", "/* and this */ \n--", "-- select 1"])
def test_comments_are_no_query(sql: str) -> None:
    with pytest.raises(UsageError, match=r"^the query holds nothing but comments: write one"):
        require_reading(sql)


@pytest.mark.parametrize("sql", ["", " \n"])
def test_nothing_is_no_query(sql: str) -> None:
    with pytest.raises(UsageError, match=r"^the query is empty: write one"):
        require_reading(sql)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_mark_before_a_query_is_no_part_of_it(encoding: str) -> None:
    assert decoded("-- °C\nselect 1".encode(encoding)) == "-- °C\nselect 1"

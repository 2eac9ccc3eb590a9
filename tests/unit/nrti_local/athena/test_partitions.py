# ruff: noqa: S608 (the tests' SQL)
"""A condition on the partition decides which objects are read, and nothing is missing for it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tests.unit.nrti_local.athena.conftest import FILLED, Run
from tests.unit.nrti_local.athena.memory_store import DAYS, MemoryStore, glue_table, key, predictions


@pytest.mark.parametrize(
    ("where", "days"),
    [
        ("day = date '2026-11-21'", [1]),
        ("day >= date '2026-11-21' and probability > 0.5", [1, 2]),
        ("(predictions.day between date '2026-11-20' and date '2026-11-21')", [0, 1]),
        ("day in (date '2026-11-20', date '2026-11-22')", [0, 2]),
        ("day < date_add('day', 2, date '2026-11-20') and day > date '2026-11-20'", [1]),
        ("date_format(day, '%d') = '22'", [2]),
        ("day = date '2030-01-01'", []),
        ("day = date '2026-11-21' or probability > 0.5", [0, 1, 2]),
    ],
)
def test_a_condition_on_the_partition_decides_what_is_read(run: Run, where: str, days: list[int]) -> None:
    store = MemoryStore(contents=FILLED)

    scanned = run(f"select count(*) from predictions where {where}", store).result.scanned

    wanted = [key(DAYS[index]) for index in days]
    assert sorted(store.opened) == wanted
    assert scanned == sum(len(FILLED[each]) for each in wanted)


ONE_DAY = "where day = date '2026-11-21'"
OTHER = "(values date '2026-11-21') o (d)"
SAME = "(values date '2026-11-21') o (day)"
NUMBERED = "select *, row_number() over (partition by {}) n from predictions"


@pytest.mark.parametrize(
    ("sql", "days"),
    [
        (f"select count(*) from (select * from predictions) {ONE_DAY}", [1]),
        (f"with p as (select * from predictions) select count(*) from p {ONE_DAY}", [1]),
        (
            "with p as (select * from predictions) select 1 from p, p q where p.day = date '2026-11-21'",
            [0, 1, 2],
        ),
        (f"select 1 from (select day, event_time from predictions) q(event_time, day) {ONE_DAY}", [0, 1, 2]),
        (f"select count(*) from (select sensor, day from (select * from predictions) p) q {ONE_DAY}", [1]),
        (f"select count(*) from ({NUMBERED.format('day, event_id')}) {ONE_DAY} and n = 1", [1]),
        (f"select count(*) from ({NUMBERED.format('event_id')}) {ONE_DAY}", [0, 1, 2]),
        (f"select count(*) from (select day, max(sensor) from predictions group by day) {ONE_DAY}", [1]),
        (f"select count(*) from (select * from predictions limit 30) {ONE_DAY}", [0, 1, 2]),
        ("select count(*) from (select date '2026-11-21' as day from predictions) " + ONE_DAY, [0, 1, 2]),
        (f"select count(*) from (select event_time as day from predictions) {ONE_DAY}", [0, 1, 2]),
        (f"select count(*) from (select p.* from predictions p left join {OTHER} on true) {ONE_DAY}", [1]),
        (
            f"select count(*) from (select p.* from {OTHER} left join predictions p on true) {ONE_DAY}",
            [0, 1, 2],
        ),
        (f"select count(*) from predictions p full join {OTHER} on true {ONE_DAY}", [0, 1, 2]),
        (f"select count(*) from predictions p cross join {OTHER} {ONE_DAY}", [1]),
        (f"select count(*) from (select o.day from predictions p cross join {SAME}) {ONE_DAY}", [0, 1, 2]),
    ],
)
def test_a_condition_reaches_through_a_derived_table_that_hands_the_partition_on(
    run: Run, sql: str, days: list[int]
) -> None:
    store = MemoryStore(contents=FILLED)

    run(sql, store)

    assert sorted(store.opened) == [key(DAYS[index]) for index in days]


def test_an_outer_join_reads_all_that_it_may_need(run: Run) -> None:
    sql = (
        "select count(*) from predictions a left join predictions b "
        "on a.event_id = b.event_id and b.day = date '2030-01-01' where b.day is null"
    )

    assert run(sql).rows == [["30"]]


def test_a_partition_may_be_a_string_or_have_another_place(run: Run) -> None:
    table = glue_table(day="string")
    table["Parameters"]["storage.location.template"] = "s3://lake/by/${day}/x/"
    contents = {f"by/{day}/x/a": predictions(day) for day in DAYS} | {"by/_temporary/x/b": b"no parquet"}
    contents |= {"by/2026-11-22/x/_SUCCESS": b"", "by/2026-11-22/y/c": b"no parquet"}

    ran = run(
        "select day, count(*) from predictions where day > '2026-11-20' group by day order by day",
        MemoryStore(table, contents=contents),
    )

    assert ran.rows == [["2026-11-21", "10"], ["2026-11-22", "10"]]
    assert ran.columns[0] == ("day", "varchar")


def test_the_days_are_there(run: Run) -> None:
    rows = run("select distinct day from predictions order by 1").rows

    assert rows == [[day.isoformat()] for day in DAYS]


@pytest.mark.parametrize(("days", "listings"), [(1, 1), (20, 20), (21, 1), (60, 1)])
def test_few_partitions_are_listed_one_by_one(days: int, listings: int, run: Run) -> None:
    last = date(2026, 11, 29)
    filled = [last - timedelta(days=number) for number in range(60)]
    store = MemoryStore(contents={key(day): predictions(day, 1) for day in filled})
    first = last - timedelta(days=days - 1)

    assert run(f"select count(*) from predictions where day >= date '{first}'", store).rows == [[str(days)]]
    assert len(store.listed) == listings

"""A partitioned table has the partitions that the catalog has; only projected ones need not be there."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from nrti_local.athena.catalog import ddl
from nrti_local.athena.catalog.objects import objects, partitions
from nrti_local.athena.catalog.statements import answer
from nrti_local.athena.catalog.tables import GlueTable
from nrti_local.athena.errors import AthenaError
from tests.unit.nrti_local.athena.conftest import Run
from tests.unit.nrti_local.athena.memory_store import BUCKET, DAYS, MemoryStore, glue_table, key, predictions

COUNT = "select day, count(*) from predictions group by 1 order by 1"


def _table() -> dict[str, Any]:
    table = glue_table()
    return {**table, "DatabaseName": "nrti", "Parameters": {"classification": "parquet"}}


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore(_table(), contents={key(day): predictions(day) for day in DAYS})


def _values(days: list[date]) -> list[list[str | None]]:
    return [[str(day), "10"] for day in days]


def test_what_is_not_registered_has_no_rows(run: Run, store: MemoryStore) -> None:
    assert run(COUNT, store).rows == []

    answer("msck repair table predictions", "nrti", store)

    assert run(COUNT, store).rows == _values(DAYS)
    assert run("select sum(prediction) from predictions where day > date '2026-11-21'", store).rows == [["5"]]


def test_repairing_adds_what_is_missing_once(store: MemoryStore) -> None:
    for _ in range(2):
        answer("msck repair table predictions", "nrti", store)

    shown = answer("show partitions predictions", "nrti", store)

    assert shown is not None
    assert shown.rows == [[f"day={day}"] for day in DAYS]
    assert store.registered["predictions"][0] == (
        (str(DAYS[0]),),
        f"s3://{BUCKET}/predictions/day={DAYS[0]}/",
    )


def test_a_partition_lies_where_the_catalog_says(run: Run, store: MemoryStore) -> None:
    place = f"s3://{BUCKET}/predictions/day={DAYS[0]}"
    ddl.run(f"ALTER TABLE predictions ADD PARTITION (day='2020-01-01') LOCATION '{place}'", "nrti", store)

    assert run(COUNT, store).rows == [["2020-01-01", "10"]]
    assert run("select * from predictions where day = date '2026-11-20'", store).rows == []


def test_partitions_are_added_and_dropped(run: Run, store: MemoryStore) -> None:
    first, second, third = (f"partition (day = '{day}')" for day in DAYS)
    ddl.run(f"alter table `nrti`.`predictions` add {first} {second}", "", store)
    ddl.run(f"alter table predictions add if not exists {second} {third}", "nrti", store)
    ddl.run(f"alter table predictions drop {first};", "nrti", store)
    ddl.run(f"alter table predictions drop if exists {first}, {third}", "nrti", store)

    assert run(COUNT, store).rows == _values([DAYS[1]])


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("alter table predictions add partition (day='2026-11-20')", "Partition already exists"),
        ("alter table predictions drop partition (day='2020-01-01')", "Partition not found"),
        ("alter table predictions add partition (hour='1')", "not one of the partition columns"),
        ("alter table nothing add partition (day='1')", "Table not found nrti.nothing"),
    ],
)
def test_wrong_changes_are_refused(sql: str, message: str, store: MemoryStore) -> None:
    answer("msck repair table predictions", "nrti", store)

    with pytest.raises(AthenaError, match=message):
        ddl.run(sql, "nrti", store)


def test_many_partitions_are_listed_at_once() -> None:
    days = [date(2024, 1, 1) + timedelta(days=n) for n in range(30)]
    store = MemoryStore(_table(), contents={key(day): b"x" for day in days})
    store.contents |= {key(day, "_hidden/a"): b"x" for day in days} | {key(days[0], "more/a"): b"x"}
    answer("msck repair table predictions", "nrti", store)
    store.registered["predictions"].append((("2030-01-01",), f"s3://{BUCKET}/elsewhere"))
    store.contents["elsewhere/a"] = b"x"
    store.listed.clear()

    table = GlueTable(_table())
    found = objects(table, store)

    assert store.listed == ["predictions/day=", "elsewhere/"]
    assert len(found) == len(days) + 2
    assert partitions(table, store)[-1] == ("2030-01-01",)

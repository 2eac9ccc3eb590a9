# ruff: noqa: S608 (the tests' SQL)
"""A key with injected values needs the values in WHERE: AWS's page "Use dynamic ID partitioning"."""

from __future__ import annotations

from typing import Any

import pytest

from nrti_local.athena.errors import AthenaError
from tests.unit.nrti_local.athena.conftest import Run
from tests.unit.nrti_local.athena.memory_store import DAYS, MemoryStore, glue_table, predictions
from tests.unit.nrti_local.athena.test_views import view

REFUSED = (
    "CONSTRAINT_VIOLATION: For the injected projected partition column device, the WHERE clause must contain "
    "only static equality conditions, and at least one such condition must be present."
)
TABLE: dict[str, Any] = glue_table() | {
    "PartitionKeys": [{"Name": "device", "Type": "string"}],
    "Parameters": {
        "classification": "parquet",
        "projection.enabled": "true",
        "projection.device.type": "injected",
        "storage.location.template": "s3://lake/predictions/${device}",
    },
}
CONTENTS = {f"predictions/{device}/x.parquet": predictions(DAYS[0], 2) for device in "abc"}


def store() -> MemoryStore:
    columns = {"sensor": "varchar", "device": "varchar", "prediction": "integer"}
    recent = view("recent", f"SELECT {', '.join(columns)} FROM predictions", **columns)
    return MemoryStore(TABLE, recent, contents=CONTENTS)


@pytest.mark.parametrize(
    ("rest", "read"),
    [
        ("where device = 'a'", "a"),
        ("where 'a' = device and prediction >= 0", "a"),
        ("p where p.device in ('a', 'c')", "ac"),
        ("where device = 'a' or device = 'b'", "ab"),
        ("where (device = 'a' and prediction = 0) or (device = 'b' and prediction = 1)", "ab"),
        ("where device = lower('A')", "a"),
        ("where device = 'a' and device like 'a%'", "a"),
        ("where device = 'none'", ""),
    ],
)
def test_values_that_are_known_before_are_read(run: Run, rest: str, read: str) -> None:
    for source in ("predictions", "recent"):
        assert {row[0] for row in run(f"select device from {source} {rest}", store()).rows} == set(read)


@pytest.mark.parametrize(
    "sql",
    [
        "select * from (select * from predictions) where device = 'a'",
        "with p as (select * from predictions) select * from p where device in ('a')",
        "select 1 from predictions p join (values 'a') o(x) on p.device = o.x where p.device = 'a'",
    ],
)
def test_the_condition_may_be_outside(run: Run, sql: str) -> None:
    assert len(run(sql, store()).rows) == 2


@pytest.mark.parametrize(
    "rest",
    [
        "",
        "limit 1",
        "where sensor = 'sensor-0'",
        "where device > 'a'",
        "where device like 'a%'",
        "where device <> 'a'",
        "where device = sensor",
        "where lower(device) = 'a'",
        "where device = 'a' or sensor = 'sensor-0'",
        "where device not in ('a')",
        "where device in (select 'a')",
    ],
)
def test_other_conditions_are_refused(run: Run, rest: str) -> None:
    for source in ("predictions", "recent"):
        with pytest.raises(AthenaError) as failed:
            run(f"select count(*) from {source} {rest}", store())
        assert str(failed.value) == REFUSED

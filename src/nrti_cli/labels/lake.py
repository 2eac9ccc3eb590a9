# ruff: noqa: S608 (texts in the SQL go through `_literal`)
"""The queries about labels, in Athena's SQL."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import pyarrow as pa

from nrti_cli.athena.result import open_result
from nrti_cli.aws.athena import Athena
from nrti_cli.labels.batch import Batch

if TYPE_CHECKING:
    from nrti_cli.aws.target import Target
    from nrti_cli.stack.outputs import Outputs

#: Up to this number, sensors are named in the query; a longer list would not make it read less.
_FEW = 50
#: The width of a bucket of time as in the view `outcomes`: seconds, and the most buckets of a label.
_NARROWEST, _MOST_BUCKETS = 1e-3, 5000.0
#: Clocks differ; a day is more than they do.
_SLACK = timedelta(days=1)


class Lake:
    """The lake of a stack.

    Args:
        target: the AWS.
        stack: its outputs.
    """

    def __init__(self, target: Target, stack: Outputs) -> None:
        self._target = target
        self._stack = stack

    def rows(self, sql: str) -> pa.Table:
        """The result of a query."""
        athena = Athena(self._target)
        execution = athena.run(sql, workgroup=self._stack.workgroup, database=self._stack.database)
        result = open_result(self._target, execution)
        return pa.Table.from_batches(result.batches, result.schema)


def newest(batch: Batch) -> str:
    """The newest label for each event, or for each sensor and time, that the labels may be about.

    The column `word` is `2 * recorded + label`.
    """
    if batch.form == "event":
        return (
            "SELECT event_id, max(2 * recorded + label) AS word FROM labels "
            "WHERE event_id IS NOT NULL GROUP BY event_id"
        )
    sensors = batch.rows["sensor"].unique().to_pylist()
    few = (
        f"sensor IN ({', '.join(_literal(str(each)) for each in sensors)})"
        if len(sensors) <= _FEW
        else "sensor IS NOT NULL"
    )
    first, last = int(batch.times("start_time").min()), int(batch.times("end_time").max())
    return (
        "SELECT sensor, start_time, end_time, max(2 * recorded + label) AS word FROM labels "
        f"WHERE {few} AND start_time <= {_timestamp(last)} AND end_time >= {_timestamp(first)} "
        "GROUP BY sensor, start_time, end_time"
    )


def matches(batch: Batch, first: int) -> str:
    """How many of the labels match a prediction, and how many of their sensors have none.

    Args:
        batch: labels that were recorded.
        first: when, in nanoseconds since 1970.
    """
    month = _moment(first // 1_000_000).strftime("%Y-%m")
    ours = f"month = '{month}' AND recorded BETWEEN {first} AND {first + len(batch) - 1}"
    since = f"day >= '{_first_day(batch)}'"
    if batch.form == "event":
        return (
            "SELECT count(DISTINCT event_id) AS matched, 0 AS unknown FROM predictions_raw "
            f"WHERE {since} AND event_id IN (SELECT event_id FROM labels WHERE {ours})"
        )
    width = _width(batch)
    return (
        f"WITH given AS (SELECT sensor, start_time, end_time, recorded FROM labels WHERE {ours}), "
        f"seen AS (SELECT sensor, event_time FROM predictions_raw WHERE {since}), "
        "found AS (SELECT DISTINCT given.recorded FROM given CROSS JOIN "
        f"UNNEST(sequence({_bucket('start_time', width)}, {_bucket('end_time', width)})) AS b (bucket) "
        f"JOIN seen ON seen.sensor = given.sensor AND {_bucket('event_time', width)} = bucket "
        "AND event_time >= start_time AND event_time <= end_time) "
        "SELECT (SELECT count(*) FROM found) AS matched, (SELECT count(DISTINCT sensor) FROM given "
        "WHERE sensor NOT IN (SELECT sensor FROM seen)) AS unknown"
    )


def _width(batch: Batch) -> float:
    lengths = (batch.times("end_time") - batch.times("start_time")) / 1000
    return max(float(lengths.mean()), float(lengths.max()) / _MOST_BUCKETS, _NARROWEST)


def _bucket(column: str, width: float) -> str:
    return f"CAST(floor(to_unixtime({column}) / {width!r}e0) AS bigint)"


def _first_day(batch: Batch) -> str:
    """The first day on which a prediction for the labels can have come to the lake: not before its event."""
    times = _times_of_ids(batch) if batch.form == "event" else batch.times("start_time").tolist()
    first = min([datetime.now(UTC), *map(_moment, [min(times)])]) - _SLACK if times else _moment(0)
    return first.strftime("%Y-%m-%d")


def _times_of_ids(batch: Batch) -> list[int]:
    """The times of the events, if all ids are UUIDs of version 7, which begin with one; else none."""
    found = []
    for text in batch.rows["event_id"].to_pylist():
        try:
            uuid = UUID(text)
        except ValueError:
            return []
        if uuid.version != 7:
            return []
        found.append(uuid.int >> 80)
    return found


def _moment(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def _timestamp(milliseconds: int) -> str:
    return f"TIMESTAMP '{_moment(milliseconds):%Y-%m-%d %H:%M:%S}.{milliseconds % 1000:03d}'"


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"

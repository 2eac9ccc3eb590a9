# ruff: noqa: S608 (texts in the SQL go through `_literal`)
"""The queries about labels, in Athena's SQL."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import numpy as np
import pyarrow as pa

from nrti_cli.athena.result import open_result
from nrti_cli.aws.athena import Athena
from nrti_cli.labels.batch import Batch

if TYPE_CHECKING:
    from nrti_cli.aws.target import Target
    from nrti_cli.stack.outputs import Outputs

#: Up to this number, sensors and events are named in the query, whose length is limited.
_FEW = 100
#: Labels of sensors are compared by buckets of time, as in the view `outcomes`: in seconds, so wide that a
#: label is in two of them at most, and not so wide that many labels are in one. The last is for all others.
_WIDTHS = (4, 4096, 4194304, 4294967296)
WIDTH = (
    "CASE WHEN until - since <= 4e0 THEN 4e0 WHEN until - since <= 4096e0 THEN 4096e0 "
    "WHEN until - since <= 4194304e0 THEN 4194304e0 ELSE 4294967296e0 END"
)
BUCKETS = "sequence(CAST(floor(since / width) AS bigint), CAST(floor(until / width) AS bigint))"
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
            f"WHERE {_among(batch, 'event_id')} GROUP BY event_id"
        )
    first, last = int(batch.times("start_time").min()), int(batch.times("end_time").max())
    return (
        "SELECT sensor, start_time, end_time, max(2 * recorded + label) AS word FROM labels "
        f"WHERE {_among(batch, 'sensor')} AND start_time <= {_timestamp(last)} "
        f"AND end_time >= {_timestamp(first)} GROUP BY sensor, start_time, end_time"
    )


def _among(batch: Batch, column: str) -> str:
    """A condition that rows with a value of the batch meet, and of the others as few as is cheap to say.

    Ids that begin with their time, as those of nrti do, are in a range with few others.
    """
    values = sorted(map(str, batch.rows[column].unique().to_pylist()))
    if len(values) <= _FEW:
        return f"{column} IN ({', '.join(map(_literal, values))})"
    return f"{column} BETWEEN {_literal(values[0])} AND {_literal(values[-1])}"


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
    return (
        "WITH given AS (SELECT sensor, to_unixtime(start_time) AS since, to_unixtime(end_time) AS until, "
        f"recorded FROM labels WHERE {ours}), "
        "spans AS (SELECT sensor, since, until, recorded, width, bucket "
        f"FROM (SELECT *, {WIDTH} AS width FROM given) CROSS JOIN UNNEST({BUCKETS}) AS b (bucket)), "
        "seen AS (SELECT sensor, to_unixtime(event_time) AS at, width FROM predictions_raw "
        f"CROSS JOIN UNNEST(ARRAY[{_widths(batch)}]) AS w (width) WHERE {since}), "
        "found AS (SELECT DISTINCT recorded FROM spans JOIN seen ON seen.sensor = spans.sensor "
        "AND seen.width = spans.width AND CAST(floor(at / seen.width) AS bigint) = bucket "
        "AND at >= since AND at <= until) "
        "SELECT (SELECT count(*) FROM found) AS matched, (SELECT count(DISTINCT sensor) FROM given "
        "WHERE sensor NOT IN (SELECT sensor FROM seen)) AS unknown"
    )


def _widths(batch: Batch) -> str:
    """The widths that the labels have."""
    seconds = (batch.times("end_time") - batch.times("start_time")) / 1000
    found = sorted(set(np.searchsorted(_WIDTHS, np.minimum(seconds, _WIDTHS[-1])).tolist()))
    return ", ".join(f"{_WIDTHS[index]}e0" for index in found)


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

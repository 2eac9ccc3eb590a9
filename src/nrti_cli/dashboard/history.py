"""The predictions from before the page was opened: one Athena query of the lake for each period."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import TYPE_CHECKING

from nrti_cli.athena.rows import rows, run
from nrti_cli.dashboard.cells import LATENCY_BINS, LATENCY_BINS_PER_DECADE, PROBABILITY_BINS, Cell, Series
from nrti_cli.events import Prediction, event_key
from nrti_cli.stack.names import endpoint_name
from nrti_cli.tail import Stored

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from nrti_cli.aws.athena import Execution
    from nrti_cli.aws.target import Target
    from nrti_cli.dashboard.rings import Cells

#: Another program may have stored something else than predictions.
_VALID = "prediction in (0, 1) and (probability is null or probability between 0 and 1)"
#: An event is in the lake once for each time that it was sent. The first copy counts, as it does in the
#: stream; all have the same prediction. The partition is the day of the delivery.
_SQL = """
select cast(floor(to_unixtime(first_time) / {width}) as bigint) as bucket, sensor, model, version,
  count(*) as predictions, sum(prediction) as failures,
  histogram(probability_bin) as probability, histogram(latency_bin) as latency
from (
  select sensor, model, coalesce(version, '') as version, prediction, first_time,
    cast(least(floor(probability * {probability_bins}), {last_probability_bin})
      + {probability_bins} * prediction as integer) as probability_bin,
    cast(least(greatest(floor({bins_per_decade} * log10(greatest(
      date_diff('millisecond', event_time, first_time), 1))), 0), {last_latency_bin}) as integer)
      as latency_bin
  from (
    select sensor, model, event_time, min(predicted_time) as first_time, arbitrary(version) as version,
      arbitrary(prediction) as prediction, arbitrary(probability) as probability
    from predictions_raw
    where day >= '{first_day}' and not coalesce(shadow, false) and {valid}
      and predicted_time >= timestamp '{since}' and predicted_time < timestamp '{until}'
    group by day, sensor, event_time, event_id, model, case when rescored then version end
  )
)
group by 1, 2, 3, 4
order by 1
"""
#: What the page shows of a failure, under the names of a stored prediction.
_FAILURES = """
select event_id, sensor, model, version, rescored, prediction, probability, score, label, channels, data,
  to_unixtime(event_time) as timestamp, to_unixtime(received_time) as received_at,
  to_unixtime(predicted_time) as predicted_at
from predictions_raw
where day >= '{first_day}' and prediction = 1 and not coalesce(shadow, false)
  and predicted_time < timestamp '{until}' and {valid} and cardinality(data) > 0
order by predicted_time desc
limit {most}
"""
#: An event that was sent again has copies in the lake; so many times what is wanted is read.
_COPIES = 2


@dataclass(frozen=True)
class History:
    """What the lake says of a period.

    Attributes:
        width: seconds of a bucket.
        since: the first second of it.
        packed: the cells by the number of the bucket.
        execution: of the query.
    """

    width: int
    since: int
    packed: dict[int, bytes]
    execution: Execution


@dataclass(frozen=True)
class Former:
    """Failures from before the page was opened.

    Attributes:
        failures: oldest first, each with the key of its item.
        execution: of the query.
    """

    failures: list[tuple[str, Stored]]
    execution: Execution


def read(
    target: Target, width: int, span: timedelta, until: datetime, pack: Callable[[Cells], bytes]
) -> History:
    """Asks the lake.

    Args:
        target: where Athena is.
        width: seconds of a bucket.
        span: how long before `until` it begins, or a little earlier, with a whole bucket.
        until: what was predicted then or later is left out.
        pack: packs the cells of a bucket; all of them at once may take a hundred megabytes.

    Raises:
        NrtiError: the query fails.
    """
    first = int((until - span).timestamp()) // width * width
    execution = run(target, _statement(width, datetime.fromtimestamp(first, UTC), until))
    by_bucket = groupby(rows(target, execution), lambda row: int(row["bucket"]))
    return History(width, first, {bucket: pack(_cells(found)) for bucket, found in by_bucket}, execution)


def _cells(found: Iterable[dict[str, str]]) -> Cells:
    return {
        Series(row["sensor"], row["model"], row["version"]): Cell(
            int(row["predictions"]),
            int(row["failures"]),
            _histogram(row["probability"]),
            _histogram(row["latency"]),
        )
        for row in found
    }


def latest_failures(target: Target, most: int, until: datetime) -> Former:
    """The failures that were predicted last, of the last day.

    Args:
        target: where Athena is.
        most: how many.
        until: what was predicted then or later is left out.

    Raises:
        NrtiError: the query fails.
    """
    first_day = f"{until - timedelta(days=1):%Y-%m-%d}"
    sql = _FAILURES.format(first_day=first_day, until=_moment(until), valid=_VALID, most=_COPIES * most)
    execution = run(target, sql)
    failures = (_failure(row, endpoint_name(target.stack, row["model"])) for row in rows(target, execution))
    # Newest first, so the copy that is left of an event is the one that was predicted first.
    found = {(stored.prediction.sensor, key): (key, stored) for key, stored in failures}
    return Former(list(found.values())[:most][::-1], execution)


def _failure(row: dict[str, str], endpoint: str) -> tuple[str, Stored]:
    def time(name: str) -> datetime:
        return datetime.fromtimestamp(float(row[name]), UTC)

    def number(name: str) -> float | None:
        return float(row[name]) if row[name] else None

    prediction = Prediction(
        event_id=row["event_id"],
        sensor=row["sensor"],
        model=row["model"],
        timestamp=time("timestamp"),
        received_at=time("received_at"),
        predicted_at=time("predicted_at"),
        data=tuple(float(value) for value in row["data"].strip("[]").split(", ") if value),
        prediction=int(row["prediction"]),
        endpoint=endpoint,
        probability=number("probability"),
        score=number("score"),
        label=row["label"] or None,
        version=row["version"],
        channels=int(row["channels"]) if row["channels"] else None,
    )
    key = event_key(round(prediction.timestamp.timestamp() * 1000), prediction.event_id, prediction.model)
    # A later version that judged the event again has a place of its own in the table.
    place = f"{key}#{prediction.version}" if row["rescored"] == "true" else key
    return place, Stored(prediction, prediction.predicted_at)


def _statement(width: int, since: datetime, until: datetime) -> str:
    return _SQL.format(
        width=width,
        probability_bins=PROBABILITY_BINS,
        last_probability_bin=PROBABILITY_BINS - 1,
        bins_per_decade=LATENCY_BINS_PER_DECADE,
        last_latency_bin=LATENCY_BINS - 1,
        first_day=f"{since - timedelta(days=1):%Y-%m-%d}",
        since=_moment(since),
        until=_moment(until),
        valid=_VALID,
    )


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S}.{at.microsecond // 1000:03d}"


def _histogram(text: str) -> dict[int, int]:
    """Athena writes a map as `{19=3272, 3=1}`; of no values there is none."""
    pairs = (pair.partition("=") for pair in text.strip("{}").split(", ") if pair)
    return {int(place): int(count) for place, _, count in pairs}

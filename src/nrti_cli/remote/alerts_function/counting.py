"""The statement with which Athena counts the events of a model by bin; it is Trino's SQL.

It reads the raw table: Athena would sort all events to find the few that were delivered twice, which do not
change a distribution. `nrti drift` uses this file, too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

#: The events once for each place, with the value there. The relation of places is small: each reader of the
#: lake gets all of it, and reads each file once.
_EVENTS = """from (
  select places.*, slice, case place when 1 then cast(prediction as double)
    when 2 then probability else element_at(data, place - 2) end as value
  from (
    select width_bucket(to_unixtime(predicted_time), array[{slices}]) as slice, prediction,
      coalesce(probability, score) as probability, data
    from predictions_raw
    where {chosen}
  ) cross join (values {places}) as places ({columns})
)"""
#: The sensors need a second look at narrow columns only, which Parquet stores apart from the data.
_COUNTS = """
select place, slice, width_bucket(value, edges) as bin, '' as sensor, count(*) as events
{events}
group by 1, 2, 3
"""
_SENSORS = """union all
select 0, case when predicted_time < {since} then 0 else 1 end, 0, sensor, count(*)
from predictions_raw
where {before_and_now}
group by 2, 4
"""


@dataclass(frozen=True)
class Period:
    """A time in which events were predicted; its end is not part of it."""

    since: datetime
    until: datetime

    def __str__(self) -> str:
        """`2026-11-22 15:37 to 2026-11-23 15:37`, in UTC."""
        return " to ".join(f"{at.astimezone(UTC):%Y-%m-%d %H:%M}" for at in (self.since, self.until))

    @property
    def before(self) -> Period:
        """The period of the same length before it."""
        return Period(self.since - (self.until - self.since), self.since)

    def slices(self, count: int) -> list[datetime]:
        """The beginnings of equal parts."""
        return [self.since + (self.until - self.since) * number / count for number in range(count)]


@dataclass(frozen=True)
class Chosen:
    """The predictions of a model.

    Attributes:
        model: as in events.
        version: None for all.
    """

    model: str
    version: str | None

    def within(self, period: Period) -> str:
        """The condition. A prediction is delivered to the lake, by whose day it is found, a little later."""
        first, last = (at.astimezone(UTC) for at in (period.since, period.until + timedelta(days=1)))
        conditions = [
            f"day between '{first:%Y-%m-%d}' and '{last:%Y-%m-%d}'",
            f"model = {_text(self.model)}",
            f"predicted_time >= {_moment(period.since)} and predicted_time < {_moment(period.until)}",
        ]
        if self.version is not None:
            conditions.append(f"version = {_text(self.version)}")
        return " and ".join(conditions)


def counts(
    chosen: Chosen,
    columns: Sequence[Mapping[str, Any]],
    period: Period,
    slices: int = 1,
    *,
    sensors: bool = False,
) -> str:
    """Counts events by place, slice of time and bin; and by sensor, in the period before (0) and in this (1).

    The places are those of the columns: prediction, probability, and the values of the sequence.

    Args:
        chosen: the predictions.
        columns: of the reference, with `edges`.
        period: the period.
        slices: number of its slices, which count from 1.
        sensors: whether to count by sensor as well, as place 0.
    """
    places = (
        f"({place}, array[{', '.join(map(_double, column['edges']))}])"
        for place, column in enumerate(columns, start=1)
        if column["edges"]
    )
    sql = _COUNTS.format(events=events(", ".join(places), "place, edges", chosen, period, slices))
    if not sensors:
        return sql
    since, both = _moment(period.since), Period(period.before.since, period.until)
    return sql + _SENSORS.format(since=since, before_and_now=chosen.within(both))


def events(places: str, columns: str, chosen: Chosen, period: Period, slices: int = 1) -> str:
    """The events once for each place, as a part of a statement.

    Args:
        places: a row for each place.
        columns: of these rows; the first is `place`.
        chosen: the predictions.
        period: the period.
        slices: number of its slices.
    """
    cuts = ", ".join(_double(round(cut.timestamp(), 3)) for cut in period.slices(slices))
    return _EVENTS.format(places=places, columns=columns, slices=cuts, chosen=chosen.within(period))


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _double(value: float) -> str:
    """A number as a literal of type double; without an exponent it would be a decimal."""
    text = repr(float(value))
    return text if "e" in text else f"{text}e0"


def _moment(at: datetime) -> str:
    return f"timestamp '{at.astimezone(UTC):%Y-%m-%d %H:%M:%S}.{at.microsecond // 1000:03d}'"

"""The statements with which Athena counts the predictions of a model; they are Trino's SQL.

They read the raw table: Athena would sort all events to find the few that were delivered twice, which do not
change a distribution.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from nrti_cli.remote.sagemaker.bins import DECILES

#: The events once for each place, with the value there. The relation of places is small: each reader of the
#: lake gets all of it, and reads each file once.
_EVENTS = """from (
  select places.*, predicted_time, case place when 1 then cast(prediction as double)
    when 2 then coalesce(probability, score) else element_at(data, place - 2) end as value
  from predictions_raw cross join (values {places}) as places ({columns})
  where {chosen}
)"""
#: The sensors need a second look at narrow columns only, which Parquet stores apart from the data.
_COUNTS = """
select place, width_bucket(to_unixtime(predicted_time), array[{slices}]) as slice,
  width_bucket(value, edges) as bin, '' as sensor, count(*) as events
{events}
group by 1, 2, 3
union all
select 0, case when predicted_time < {since} then 0 else 1 end, 0, sensor, count(*)
from predictions_raw
where {before_and_now}
group by 2, 4
"""
_DECILES = """
select place, count(value) as events, min(value) as low, max(value) as high,
  approx_percentile(value, array[{deciles}]) as deciles
{events}
group by 1
order by 1
"""
_EXTENT = """
select count(*) as events, max(predicted_time) as last, max(cardinality(data)) as length
from (select predicted_time, data from predictions_raw where {chosen}{first})
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


def counts(chosen: Chosen, columns: Sequence[Mapping[str, Any]], period: Period, slices: int) -> str:
    """Counts events by place, slice of time and bin; and by sensor, in the period before (0) and in this (1).

    The places are those of the columns: prediction, probability, and the values of the sequence.

    Args:
        chosen: the predictions.
        columns: of the reference, with `edges`.
        period: the period.
        slices: number of its slices, which count from 1.
    """
    places = (
        f"({place}, array[{', '.join(map(_double, column['edges']))}])"
        for place, column in enumerate(columns, start=1)
        if column["edges"]
    )
    return _COUNTS.format(
        slices=", ".join(_double(round(cut.timestamp(), 3)) for cut in period.slices(slices)),
        events=_events(", ".join(places), "place, edges", chosen.within(period)),
        since=_moment(period.since),
        before_and_now=chosen.within(Period(period.before.since, period.until)),
    )


def deciles(chosen: Chosen, period: Period, places: int) -> str:
    """The range and the deciles of each place in a period."""
    numbers = ", ".join(map(str, range(1, places + 1)))
    return _DECILES.format(
        deciles=", ".join(map(str, DECILES)), events=_events(numbers, "place", chosen.within(period))
    )


def extent(chosen: Chosen, period: Period, most: int | None) -> str:
    """Counts the events of a period, and finds the time of the last one and the longest sequence.

    Args:
        chosen: the predictions.
        period: the period.
        most: looks only at so many, the first ones; None looks at all.
    """
    first = f" order by predicted_time limit {most}" if most else ""
    return _EXTENT.format(chosen=chosen.within(period), first=first)


def _events(places: str, columns: str, chosen: str) -> str:
    return _EVENTS.format(places=places, columns=columns, chosen=chosen)


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _double(value: float) -> str:
    """A number as a literal of type double; without an exponent it would be a decimal."""
    text = repr(float(value))
    return text if "e" in text else f"{text}e0"


def _moment(at: datetime) -> str:
    return f"timestamp '{at.astimezone(UTC):%Y-%m-%d %H:%M:%S}.{at.microsecond // 1000:03d}'"

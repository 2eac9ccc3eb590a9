"""The statements about the predictions of a model, in Trino's SQL.

The one that counts them is shared with the alerts' function, in `remote/alerts_function/counting.py`. All
read the raw table: Athena would sort all events to find the few that were delivered twice, which do not
change a distribution.
"""

from __future__ import annotations

from nrti_cli.remote.alerts_function.counting import Chosen, Period, events
from nrti_cli.remote.sagemaker.bins import DECILES

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


def deciles(chosen: Chosen, period: Period, places: int) -> str:
    """The range and the deciles of each place in a period."""
    numbers = ", ".join(map(str, range(1, places + 1)))
    return _DECILES.format(
        deciles=", ".join(map(str, DECILES)), events=events(numbers, "place", chosen, period)
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

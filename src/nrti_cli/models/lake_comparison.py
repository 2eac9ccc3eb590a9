"""Compares two models on the events that both have scored, by what the lake says of them.

Athena finds the events and counts them; the scores of labelled ones alone are read one by one.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from nrti_cli.athena.result import open_result
from nrti_cli.athena.rows import run
from nrti_cli.errors import NrtiError
from nrti_cli.models.comparison import Comparison, Figures
from nrti_cli.models.endpoint import find
from nrti_cli.remote.sagemaker.metrics import Scored, Units, difference, intervals

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from numpy.typing import NDArray

    from nrti_cli.aws.target import Target

    Interval = tuple[float, float]

#: A row for each labelled event, and one for all others with the same predictions. A model that was asked for
#: an event both as a shadow and by its own name counts once. All its rows have the time of the request, so
#: an event is in the period for both models or for none.
_SQL = """
select truth, first_version, second_version, first_prediction, second_prediction,
  case when truth is not null then first_score end as first_score,
  case when truth is not null then second_score end as second_score,
  count(*) as events
from (
  select max(truth) as truth, {columns}
  from (
    select *, coalesce(score, if(label is not null and prediction = 0, 1 - probability, probability),
      cast(prediction as double)) as failure_score
    from outcomes
    where day >= '{day}' and received_time >= {since} and model in ({first}, {second})
  )
  group by sensor, event_time, event_id
)
group by 1, 2, 3, 4, 5, 6, 7
"""
_COLUMNS = """
    max_by(version, predicted_time) filter (where model = {model}) as {place}_version,
    max_by(prediction, predicted_time) filter (where model = {model}) as {place}_prediction,
    max_by(failure_score, predicted_time) filter (where model = {model}) as {place}_score"""


@dataclass(frozen=True)
class Coverage:
    """Which events the models scored, and how often they agree.

    Attributes:
        both: events that both scored.
        only_first: events that the first alone scored.
        only_second: events that the second alone scored.
        labelled: those of both whose truth is known.
        agreement: the share of those of both for which they predict the same; None without any.
        interval: its 95 % interval.
    """

    both: int
    only_first: int
    only_second: int
    labelled: int
    agreement: float | None
    interval: Interval | None


@dataclass(frozen=True)
class LakeComparison:
    """A comparison by the lake.

    Attributes:
        since: the time of the first request.
        coverage: the events.
        quality: on the labelled events of both; None without any.
    """

    since: datetime
    coverage: Coverage
    quality: Comparison | None


def compare_in_lake(target: Target, models: tuple[str, str], since: datetime) -> LakeComparison:
    """Compares two models on the events of a period.

    Args:
        target: the AWS.
        models: the first and the second.
        since: when the period begins, by the time of the requests.

    Raises:
        NrtiError: the query fails, neither model has a prediction, or one has none and is not published.
    """
    result = open_result(target, run(target, _statement(models, since)))
    rows = pa.Table.from_batches(result.batches, result.schema).to_pydict()
    events = np.array(rows["events"], dtype=np.int64)
    if not events.sum():
        raise NrtiError(
            f"neither {models[0]} nor {models[1]} has a prediction in the lake since then",
            hint="choose an earlier --since",
        )
    one, other = (_known(rows[f"{place}_prediction"]) for place in ("first", "second"))
    for model, predicted in zip(models, (one, other), strict=True):
        if (predicted < 0).all():
            find(target, model)  # the name may be wrong
    truth = _known(rows["truth"])
    usable = (one >= 0) & (other >= 0) & (truth >= 0)
    coverage = _coverage(one, other, events, int(events[usable].sum()))
    chosen = np.repeat(np.flatnonzero(usable), events[usable])
    return LakeComparison(since, coverage, _quality(models, rows, truth, chosen) if len(chosen) else None)


def _statement(models: tuple[str, str], since: datetime) -> str:
    first, second = (f"'{model}'" for model in models)  # the names have letters, digits and hyphens alone
    columns = ",".join(
        _COLUMNS.format(model=model, place=place) for model, place in ((first, "first"), (second, "second"))
    )
    # A row is delivered on the day of its request or later.
    moment = f"timestamp '{since:%Y-%m-%d %H:%M:%S}.{since.microsecond // 1000:03d}'"
    return _SQL.format(columns=columns, first=first, second=second, since=moment, day=f"{since:%Y-%m-%d}")


def _known(values: Sequence[int | None]) -> NDArray[np.int64]:
    """The values, -1 for those that are missing."""
    return np.array([-1 if value is None else value for value in values], dtype=np.int64)


def _coverage(
    one: NDArray[np.int64], other: NDArray[np.int64], events: NDArray[np.int64], labelled: int
) -> Coverage:
    both = (one >= 0) & (other >= 0)
    count, alike = int(events[both].sum()), int(events[both & (one == other)].sum())
    share = alike / count if count else None
    return Coverage(
        both=count,
        only_first=int(events[other < 0].sum()),
        only_second=int(events[one < 0].sum()),
        labelled=labelled,
        agreement=share,
        interval=None if share is None else _wilson(share, count),
    )


def _wilson(share: float, count: int) -> Interval:
    """The 95 % interval of a share, by Wilson."""
    z = NormalDist().inv_cdf(0.975)
    middle = share + z * z / (2 * count)
    margin = z * (share * (1 - share) / count + z * z / (4 * count * count)) ** 0.5
    scale = 1 + z * z / count
    return max(0.0, (middle - margin) / scale), min(1.0, (middle + margin) / scale)


def _quality(
    models: tuple[str, str], rows: dict[str, list[object]], truth: NDArray[np.int64], chosen: NDArray[np.intp]
) -> Comparison:
    units = Units.of_rows(len(chosen))
    scored = [_scored(rows, place, truth, chosen) for place in ("first", "second")]
    figures = [
        Figures(
            model, _latest(rows[f"{place}_version"]), each.confusion, each.figures, intervals(each, units)
        )
        for model, place, each in zip(models, ("first", "second"), scored, strict=True)
    ]
    change = difference(scored[0], scored[1], units)
    return Comparison(len(chosen), scored[0].base_rate, units.kind, figures, change)


def _scored(
    rows: dict[str, list[object]], place: str, truth: NDArray[np.int64], chosen: NDArray[np.intp]
) -> Scored:
    scores = np.array(rows[f"{place}_score"], dtype=np.float64)
    predicted = np.array(rows[f"{place}_prediction"], dtype=object)
    return Scored(truth[chosen], scores[chosen], predicted[chosen].astype(np.int64))


def _latest(versions: Sequence[object]) -> str:
    return max(str(version) for version in versions if version is not None)

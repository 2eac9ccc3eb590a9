"""Queries about models in production: predictions against labels, shadows against their models."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from nrti_cli.athena.literals import predicted_since, quoted
from nrti_cli.athena.rows import rows, run

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nrti_cli.aws.athena import Execution
    from nrti_cli.aws.target import Target

#: Labels come late, so the period is fixed: seconds of it, and of a bucket.
SPAN, WIDTH = 7 * 86_400, 6 * 3_600
_LABELLED = """
select cast(floor(to_unixtime(predicted_time) / {width}) as bigint) as bucket, sensor, model,
  coalesce(version, '') as version, coalesce(shadow, false) as shadow,
  count_if(prediction = 1 and truth = 1) as hits, count_if(prediction = 1 and truth = 0) as false_alarms,
  count_if(prediction = 0 and truth = 1) as missed, count_if(prediction = 0 and truth = 0) as rejected
from outcomes
where {since} and truth is not null
group by 1, 2, 3, 4, 5
"""
#: A shadow scores the events of a request to its model: both have the request's time.
_SHADOWED = """
select cast(floor(to_unixtime(other.predicted_time) / {width}) as bigint) as bucket,
  main.model, other.model as shadow, count(*) as events,
  count_if(main.prediction = other.prediction) as alike,
  sum(main.prediction) as failures, sum(other.prediction) as shadow_failures
from (select * from predictions where {since} and coalesce(shadow, false)) other
join (select * from predictions where {since} and not coalesce(shadow, false) and model in ({models})) main
  on main.sensor = other.sensor and main.event_time = other.event_time
  and main.event_id = other.event_id and main.received_time = other.received_time
group by 1, 2, 3
"""


class Confusion(NamedTuple):
    """Labelled predictions by what was predicted and what was true.

    Attributes:
        hits: failures that were predicted.
        false_alarms: predicted, and no failure.
        missed: failures that were not predicted.
        rejected: neither predicted nor a failure.
    """

    hits: int
    false_alarms: int
    missed: int
    rejected: int


class Labelled(NamedTuple):
    """Where labelled predictions belong; `bucket` is a number of buckets since 1970."""

    bucket: int
    sensor: str
    model: str
    version: str
    shadow: bool


class Pair(NamedTuple):
    """A model and its shadow in a bucket."""

    bucket: int
    model: str
    shadow: str


class Agreement(NamedTuple):
    """Events that both scored, those with the same prediction, and the failures that each predicts."""

    events: int
    alike: int
    failures: int
    shadow_failures: int


@dataclass(frozen=True)
class Outcomes:
    """The labelled predictions of the period, and the query that found them."""

    cells: Mapping[Labelled, Confusion]
    execution: Execution


@dataclass(frozen=True)
class Shadows:
    """The agreement of shadows with their models, and the query that found it."""

    pairs: Mapping[Pair, Agreement]
    execution: Execution


def labelled(target: Target) -> Outcomes:
    """Counts the labelled predictions of the last seven days.

    Raises:
        NrtiError: the query fails.
    """
    execution = run(target, labelled_statement())
    found = {
        Labelled(
            int(row["bucket"]), row["sensor"], row["model"], row["version"], row["shadow"] == "true"
        ): Confusion(*(int(row[name]) for name in Confusion._fields))
        for row in rows(target, execution)
    }
    return Outcomes(found, execution)


def shadowed(target: Target, models: Sequence[str]) -> Shadows:
    """Compares the predictions of shadows with those of their models, in the last seven days.

    Args:
        target: where Athena is.
        models: that have a shadow.

    Raises:
        NrtiError: the query fails.
    """
    execution = run(target, shadowed_statement(models))
    found = {
        Pair(int(row["bucket"]), row["model"], row["shadow"]): Agreement(
            *(int(row[name]) for name in Agreement._fields)
        )
        for row in rows(target, execution)
    }
    return Shadows(found, execution)


def labelled_statement() -> str:
    """The query of `labelled`."""
    return _LABELLED.format(width=WIDTH, since=_since())


def shadowed_statement(models: Sequence[str]) -> str:
    """The query of `shadowed`."""
    return _SHADOWED.format(width=WIDTH, since=_since(), models=", ".join(map(quoted, models)))


def _since() -> str:
    """The beginning of the first whole bucket of the period, as a condition."""
    first = (datetime.now(UTC) - timedelta(seconds=SPAN)).timestamp() // WIDTH * WIDTH
    return " and ".join(predicted_since(datetime.fromtimestamp(first, UTC)))

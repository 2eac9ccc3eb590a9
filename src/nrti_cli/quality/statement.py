"""The query for the quality of models: Athena does all arithmetic that grows with the number of rows.

Average precision is the sum over the failures of the precision among the rows that rank as high or higher,
so equal scores count as one step.

Rows that are near in time depend on each other. The unit is therefore a block of consecutive rows of a
sensor, as long as the blocks of the evaluation after a training. Of each figure the query returns the sums
from which its variance between the units follows by linearization: the influence of a row on average
precision is `truth * (precise + above - AP) - below`, divided by the number of failures. The sum of this pull
without AP is the sum of the precisions, so that all metrics are ratios of sums.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from nrti_cli.athena.literals import predicted_since, quoted

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

By = Literal["sensor", "day", "version"]
_PARTS: dict[By | None, str] = {
    None: "''",
    "sensor": "sensor",
    "day": "day",
    "version": "coalesce(version, '')",
}
#: What the sums of products are of: hits, alarms and positives of a unit, and so on.
_PAIRS = (
    ("hits", "hits"), ("hits", "alarms"), ("hits", "positives"), ("alarms", "alarms"),
    ("alarms", "positives"), ("positives", "positives"), ("pull", "pull"), ("pull", "positives"),
    ("error", "error"), ("error", "size"), ("size", "size"),
)  # fmt: skip
# 1e0 is a double; 1.0 would be a decimal, and so would be its quotients. The lowest rank has seen all rows,
# which saves a window for their number.
_SQL = """
with chosen as (
  select model, {part} as part, sensor, event_time, version, prediction, truth, score,
    case when label is not null and prediction = 0 then 1e0 - probability else probability end as probability
  from outcomes
  where {conditions}
),
counted as (
  select model, part, count(*) as events, count(distinct version) as versions, min(version) as version
  from chosen
  group by model, part
),
labelled as (
  select model, part, sensor, prediction, truth, probability, score is not null as is_scored,
    coalesce(score, probability) as ranking,
    row_number() over (partition by model, part, sensor order by event_time) - 1 as place
  from chosen
  where truth is not null
),
ranked as (
  select *, sum(truth) over higher as found, count(*) over higher as seen
  from labelled
  window higher as (partition by model, part order by ranking desc)
),
weighed as (
  select *, 1e0 * found / seen as precise,
    sum(1e0 * truth / seen) over lower as above,
    sum(1e0 * truth * found / seen / seen) over lower as below,
    floor(place / greatest({overlap}, round(cbrt(first_value(seen) over lower)))) as block
  from ranked
  window lower as (partition by model, part order by ranking)
),
units as (
  select model, part, count(*) as size, sum(truth) as positives, sum(prediction) as alarms,
    sum(truth * prediction) as hits, count_if(is_scored) as scored, count(probability) as probable,
    sum(truth * (precise + above) - below) as pull, sum(power(probability - truth, 2)) as error
  from weighed
  group by model, part, sensor, block
),
summed as (
  select model, part, count(*) as units,
    count_if(positives > 0) as failing_units, count_if(alarms > 0) as alarming_units,
    {sums},
    {products}
  from units
  group by model, part
)
select counted.*, {selected}
from counted left join summed on counted.model = summed.model and counted.part = summed.part
order by counted.model, counted.part
"""
_SUMS = ("size", "positives", "alarms", "hits", "scored", "probable", "pull", "error")
_COUNTS = ("units", "failing_units", "alarming_units")


@dataclass(frozen=True)
class Selection:
    """Which predictions are judged.

    Attributes:
        since: when they were made, at the earliest.
        model: of one model; also if they are only its answers as a shadow.
        version: of one version.
        by: what each model's predictions are divided by.
    """

    since: datetime
    model: str | None = None
    version: str | None = None
    by: By | None = None


def statement(selection: Selection, overlaps: Mapping[str, int]) -> str:
    """The query in Athena's SQL; what was scored again later is left out.

    Args:
        selection: which predictions are judged.
        overlaps: the shortest block of rows by model, where windows overlap.
    """
    cases = " ".join(f"when {quoted(model)} then {rows}e0" for model, rows in overlaps.items())
    return _SQL.format(
        part=_PARTS[selection.by],
        conditions="\n    and ".join(_conditions(selection)),
        overlap=f"case model {cases} else 1e0 end" if cases else "1e0",
        sums=", ".join(f"sum({name}) as {name}" for name in _SUMS),
        products=",\n    ".join(
            f"sum(1e0 * {one} * {other}) as {product(one, other)}" for one, other in _PAIRS
        ),
        selected=", ".join(
            f"summed.{name}" for name in (*_COUNTS, *_SUMS, *(product(*pair) for pair in _PAIRS))
        ),
    )


def product(*amounts: str) -> str:
    """The column with the sum over the units of one amount times another, in any order."""
    return "_".join(sorted(amounts))


def _conditions(selection: Selection) -> list[str]:
    found = [*predicted_since(selection.since), "not coalesce(rescored, false)"]
    if selection.model is None:
        found.append("not coalesce(shadow, false)")
    else:
        found.append(f"model = {quoted(selection.model)}")
    if selection.version is not None:
        found.append(f"version = {quoted(selection.version)}")
    return found

"""The query for training data from the lake."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nrti_cli.athena.condition import mentions
from nrti_cli.athena.literals import predicted_since, quoted

if TYPE_CHECKING:
    from datetime import datetime

_SQL = """
select model, version, channels, sensor, truth, data,
  date_diff('millisecond', timestamp '1970-01-01 00:00:00', event_time) as moment
from (
  select *, row_number() over (
      partition by sensor, event_time, event_id
      order by coalesce(shadow, false), coalesce(rescored, false), predicted_time, model, version
    ) as copy
  from outcomes
  where truth is not null{conditions}
)
where copy = 1
order by event_time, sensor, event_id
"""


@dataclass(frozen=True)
class Wanted:
    """Which labelled predictions are trained on.

    Attributes:
        model: the model that is trained; its own predictions are used if it is published.
        since: when the predictions were made, at the earliest.
        where: a condition on the columns of outcomes. If it names the column `model`, it decides whose
            predictions are used.
    """

    model: str
    since: datetime | None = None
    where: str | None = None

    @property
    def chooses_models(self) -> bool:
        """Whether the condition decides whose predictions are used."""
        return self.where is not None and mentions(self.where, "model")


def statement(wanted: Wanted, *, published: bool) -> str:
    """The query in Athena's SQL.

    Args:
        wanted: which predictions.
        published: whether the model that is trained is.
    """
    conditions = []
    if not wanted.chooses_models:
        conditions.append(f"model = {quoted(wanted.model)}" if published else "not coalesce(shadow, false)")
    if wanted.since:
        conditions += predicted_since(wanted.since)
    if wanted.where:
        conditions.append(f"(\n{wanted.where}\n)")
    return _SQL.format(conditions="".join(f"\n    and {condition}" for condition in conditions))

"""The baseline of a comparison: the reference of the training, a period, or the first events of a version."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from nrti_cli.drift.lake import Extent, Lake
from nrti_cli.errors import NrtiError
from nrti_cli.models.documents import References
from nrti_cli.models.naming import published_at
from nrti_cli.remote.alerts_function.counted import Column
from nrti_cli.remote.alerts_function.counting import Period
from nrti_cli.remote.sagemaker.bins import design_effect

if TYPE_CHECKING:
    from nrti_cli.aws.target import Target
    from nrti_cli.models.endpoint import PublishedModel

#: Events that are the baseline of a version without a reference.
FIRST = 1_000
#: Slices of time, between which the events may differ more than independent ones.
_SLICES = 20
#: Of the document of a reference.
_FORMAT = 1


@dataclass(frozen=True)
class Baseline:
    """What events are compared to.

    Attributes:
        reference: as in `references/<endpoint>/<version>.json`; None if there are too few events to make it.
        awaited: how many are missing then.
    """

    reference: Mapping[str, Any] | None
    awaited: int = 0

    @property
    def origin(self) -> str:
        """A short description."""
        return str(self.reference["origin"]) if self.reference else f"the first {FIRST:,} events"

    def after(self, period: Period) -> Period:
        """The part of a period after the events of which the reference was made."""
        made_until = self.reference.get("until") if self.reference else None
        if made_until is None:
            return period
        return Period(max(period.since, datetime.fromisoformat(made_until)), period.until)


def of_period(lake: Lake, period: Period) -> Baseline:
    """A period as the baseline.

    Raises:
        NrtiError: a query fails, or the period has no events.
    """
    extent = lake.extent(period)
    if not extent.events:
        raise NrtiError(f"the model has no predictions from {period}", hint="use another --baseline")
    return Baseline(_reference(lake, extent, str(period)))


def of_version(target: Target, lake: Lake, model: PublishedModel, *, ours: bool) -> Baseline:
    """The reference of the version in service; without one, its first events become it.

    Args:
        target: the AWS.
        lake: the predictions.
        model: the model.
        ours: whether nrti published the version; otherwise no reference is kept.

    Raises:
        NrtiError: a query fails, or the reference cannot be read.
    """
    references = References(target, model.name)
    if ours and (stored := references.stored(model.config)):
        return Baseline(_checked(stored, model))
    begin = published_at(model.config) if ours else model.created
    extent = lake.extent(Period(begin, datetime.now(UTC)), FIRST)
    if extent.events < FIRST:
        return Baseline(None, FIRST - extent.events)
    made = _reference(lake, extent, f"the first {FIRST:,} events, {extent.period}")
    made["until"] = extent.period.until.isoformat()
    if ours:
        references.store(model.config, made)
    return Baseline(made)


def _checked(reference: dict[str, Any], model: PublishedModel) -> dict[str, Any]:
    if reference.get("format") == _FORMAT:
        return reference
    raise NrtiError(
        f"another version of nrti wrote the reference of model {model.name!r}", hint="publish the model again"
    )


def _reference(lake: Lake, extent: Extent, origin: str) -> dict[str, Any]:
    """A reference of the events of a period, by two queries."""
    columns = lake.columns(extent.period, extent.length)
    counted = lake.count(columns, extent.period, _SLICES)
    slices = [counted.of(number) for number in range(1, _SLICES + 1)]
    found = [
        _column(column, [each[place] for each in slices]) for place, column in enumerate(counted.columns)
    ]
    return {"format": _FORMAT, "origin": origin, "columns": found}


def _column(column: Column, slices: Sequence[dict[str, Any]]) -> dict[str, Any]:
    counts = [sum(bins) for bins in zip(*(each["counts"] for each in slices), strict=True)]
    return {
        **column,
        "counts": counts,
        "missing": sum(each["missing"] for each in slices),
        "design_effect": round(design_effect([each["counts"] for each in slices]), 3),
    }

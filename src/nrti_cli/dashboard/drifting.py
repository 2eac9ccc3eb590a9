"""Drift of the last day's events against the training data of a model, with both distributions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from nrti_cli.drift.baseline import Baseline
from nrti_cli.drift.lake import Lake
from nrti_cli.models.default import without_shadows
from nrti_cli.models.documents import References
from nrti_cli.models.naming import is_resource_of
from nrti_cli.remote.alerts_function.counting import Chosen, Period
from nrti_cli.remote.alerts_function.drift import Verdict, verdict

if TYPE_CHECKING:
    from nrti_cli.aws.target import Target
    from nrti_cli.models.endpoint import PublishedModel

_SPAN = timedelta(days=1)
#: Inputs of a model that are shown, those that differ most.
_SHOWN = 12

Histogram = Mapping[str, Any]


@dataclass(frozen=True)
class Drift:
    """A model's events of the last day, compared with the reference of the version in service.

    Attributes:
        model: its name.
        version: in service.
        origin: of the reference.
        verdict: on prediction, probability and inputs.
        columns: the histograms of the reference.
        counts: those of the events, in the same bins.
        dollars: what the query costs on AWS.
    """

    model: str
    version: str
    origin: str
    verdict: Verdict
    columns: Sequence[Histogram]
    counts: Sequence[Histogram]
    dollars: float

    def document(self) -> dict[str, Any]:
        """For the page: what differs most, with both distributions as shares of the bins."""
        histograms = {
            column["name"]: (column, now) for column, now in zip(self.columns, self.counts, strict=True)
        }
        findings = sorted(self.verdict.findings, key=lambda each: (not each.reasons, -each.size))
        return {
            "model": self.model,
            "version": self.version,
            "origin": self.origin,
            "state": self.verdict.state,
            "events": self.verdict.events,
            "needed": self.verdict.needed,
            "others": max(0, len(findings) - _SHOWN),
            "inputs": [
                {
                    "name": each.name,
                    "psi": each.psi,
                    "ks": each.ks,
                    "reasons": each.reasons,
                    "edges": histograms[each.name][0]["edges"],
                    "reference": _shares(histograms[each.name][0]["counts"]),
                    "now": _shares(histograms[each.name][1]["counts"]),
                }
                for each in findings[:_SHOWN]
            ],
        }


def drifts(target: Target) -> list[Drift]:
    """Compares the models whose version in service has a reference; one query of Athena each.

    Raises:
        NrtiError: a query fails.
    """
    return [found for model in without_shadows(target) if (found := _drift(target, model))]


def _drift(target: Target, model: PublishedModel) -> Drift | None:
    """None without a reference: `nrti drift` makes one of a version's first events."""
    if not is_resource_of(model.config, target.stack, model.name):
        return None
    reference = Baseline(References(target, model.name).stored(model.config) or None)
    if reference.reference is None:
        return None
    now, version = datetime.now(UTC), model.config[-17:]
    lake = Lake(target, Chosen(model.name, version))
    counted = lake.count(reference.reference["columns"], reference.after(Period(now - _SPAN, now)), slices=1)
    counts = counted.of(1)
    judged = verdict({"columns": counted.columns}, counts)
    return Drift(model.name, version, reference.origin, judged, counted.columns, counts, lake.dollars)


def _shares(counts: Sequence[int]) -> list[float]:
    whole = sum(counts) or 1
    return [round(count / whole, 4) for count in counts]

"""Compares the recent events of a model with a baseline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from nrti_cli.drift.baseline import of_period, of_version
from nrti_cli.drift.lake import Lake
from nrti_cli.drift.letters import DeadLetters, dead_letters
from nrti_cli.drift.sensors import silent_sensors
from nrti_cli.models.naming import is_resource_of
from nrti_cli.remote.alerts_function.counting import Chosen, Period
from nrti_cli.remote.alerts_function.drift import Verdict, verdict

if TYPE_CHECKING:
    from nrti_cli.aws.target import Target
    from nrti_cli.models.endpoint import PublishedModel


@dataclass(frozen=True)
class Report:
    """Drift and data quality of a model in a period.

    Attributes:
        model: its name.
        version: of the predictions; None for all.
        period: when the events were predicted.
        baseline: what they were compared to.
        verdict: on prediction, probability and inputs; None if there are too few events for a baseline.
        awaited: events that are missing for the baseline.
        silent: sensors that sent in the period before, and not in this one.
        dead_letters: of all models.
        scanned: bytes that Athena read.
        dollars: what AWS charges for that.
    """

    model: str
    version: str | None
    period: Period
    baseline: str
    verdict: Verdict | None
    awaited: int
    silent: Sequence[str]
    dead_letters: DeadLetters
    scanned: int
    dollars: float

    @property
    def problems(self) -> tuple[str, ...]:
        """What needs attention: drift, silent sensors, dead letters."""
        found = {
            "drift": self.verdict is not None and self.verdict.state == "drift",
            "silent sensors": bool(self.silent),
            "dead letters": self.dead_letters.many,
        }
        return tuple(name for name, is_found in found.items() if is_found)


def check(target: Target, model: PublishedModel, since: datetime, against: Period | None) -> Report:
    """Compares the events since a time with a baseline.

    Args:
        target: the AWS.
        model: whose events; those of the version in service, if nrti published it.
        since: a time in the past.
        against: a period as the baseline; None for the reference of the version in service.

    Raises:
        NrtiError: a query fails, or the baseline has no events.
    """
    ours = is_resource_of(model.config, target.stack, model.name)
    version = model.config[-17:] if ours and against is None else None
    lake, now = Lake(target, Chosen(model.name, version)), Period(since, datetime.now(UTC))
    known = of_period(lake, against) if against else of_version(target, lake, model, ours=ours)
    judged, silent = None, list[str]()
    if known.reference is not None:
        counted = lake.count(known.reference["columns"], known.after(now), slices=1)
        judged = verdict({"columns": counted.columns}, counted.of(1))
        silent = silent_sensors(counted.sensors)
    return Report(
        model.name,
        version,
        known.after(now),
        known.origin,
        judged,
        known.awaited,
        silent,
        dead_letters(target, now),
        lake.scanned,
        lake.dollars,
    )

"""The statistics of a run, in constant memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from nrti_cli.durations import show_duration
from nrti_cli.percentiles import Percentiles

#: Reasons that are counted separately; an API with a different message each time must not fill the memory.
_REASONS = 20


@dataclass
class Statistics:
    """Counts of events, and the latency of the accepted ones.

    Attributes:
        sent: sent at least once.
        accepted: with a response 2xx.
        retried: number of retries after transient failures.
        rejected: refused by the API.
        abandoned: given up, after all retries or because the run ended.
        waited: sent late because too many requests were in flight.
        failures: accepted and predicted to be failures, as far as predictions were requested.
        parked: dead-lettered, as far as predictions were requested.
        reasons: why events were not accepted.
        setbacks: why events were retried.
        latency: of the accepted events, in seconds from when they were due.
    """

    sent: int = 0
    accepted: int = 0
    retried: int = 0
    rejected: int = 0
    abandoned: int = 0
    waited: int = 0
    failures: int = 0
    parked: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    setbacks: Counter[str] = field(default_factory=Counter)
    latency: Percentiles = field(default_factory=Percentiles)

    @property
    def in_flight(self) -> int:
        """Events without a final response."""
        return self.sent - self.accepted - self.parked - self.failed

    @property
    def failed(self) -> int:
        """Events that were not accepted in the end."""
        return self.rejected + self.abandoned

    def accept(self, events: int, latency: float) -> None:
        """Counts accepted events, with their latency in seconds."""
        self.accepted += events
        self.latency.add(latency, events)

    def judge(self, latency: float, *, failure: bool) -> None:
        """Counts a scored event, with the latency of its prediction in seconds."""
        self.accept(1, latency)
        self.failures += failure

    def park(self, reason: str) -> None:
        """Counts a dead-lettered event."""
        self.parked += 1
        _count(self.reasons, reason, 1)

    def fail(self, events: int, reason: str, *, rejected: bool) -> bool:
        """Counts events that were not accepted in the end; returns whether the reason is new."""
        if rejected:
            self.rejected += events
        else:
            self.abandoned += events
        return _count(self.reasons, reason, events)

    def retry(self, events: int, reason: str) -> bool:
        """Counts retried events; returns whether the reason is new."""
        self.retried += events
        return _count(self.setbacks, reason, events)

    def counts(self) -> str:
        """The counts as one line."""
        return (
            f"{self.sent:,} sent, {self.accepted:,} accepted, {self.retried:,} retried, "
            f"{self.rejected:,} rejected"
        )

    def percentiles(self, which: Sequence[int] = (50, 95, 99)) -> str:
        """The latency as one line, with the maximum at the end; empty before the first accepted event."""
        if not self.latency.count:
            return ""
        values = [f"p{percent} {show_duration(self.latency.at(percent) or 0)}" for percent in which]
        return " ".join([*values, f"max {show_duration(self.latency.largest)}"])


def _count(reasons: Counter[str], reason: str, events: int) -> bool:
    """Counts events by reason, or as others if there are too many reasons; returns whether it is new."""
    if reason not in reasons and len(reasons) >= _REASONS:
        reason = "other reasons"
    reasons[reason] += events
    return reasons[reason] == events

"""What a run has done so far, in a memory that does not grow with it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from nrti_cli.durations import show_duration
from nrti_cli.percentiles import Percentiles

#: Reasons that are counted apart; an API that words each refusal differently must not fill the memory.
_REASONS = 20


@dataclass
class Statistics:
    """Counts of events, and the latency of the accepted ones.

    Attributes:
        sent: handed to the API at least once.
        accepted: answered with 2xx.
        retried: sent again after a transient failure, counted each time.
        rejected: finally refused by the API.
        abandoned: given up, after all retries or because the run was ended.
        waited: sent late because too many requests were in flight.
        failures: accepted, and predicted to be failures, as far as predictions were waited for.
        parked: not judged, and in the dead letters, as far as predictions were waited for.
        reasons: why events were not accepted.
        setbacks: why events were sent again.
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
        """Events that the API has not answered finally."""
        return self.sent - self.accepted - self.parked - self.failed

    @property
    def failed(self) -> int:
        """Events that were finally not accepted."""
        return self.rejected + self.abandoned

    def accept(self, events: int, latency: float) -> None:
        """Counts events that were accepted so many seconds after they were due."""
        self.accepted += events
        self.latency.add(latency, events)

    def judge(self, latency: float, *, failure: bool) -> None:
        """Counts an event whose prediction was there so many seconds after it was due."""
        self.accept(1, latency)
        self.failures += failure

    def park(self, reason: str) -> None:
        """Counts an event that lies in the dead letters."""
        self.parked += 1
        _count(self.reasons, reason, 1)

    def fail(self, events: int, reason: str, *, rejected: bool) -> bool:
        """Counts events that were finally not accepted; tells whether the reason is new."""
        if rejected:
            self.rejected += events
        else:
            self.abandoned += events
        return _count(self.reasons, reason, events)

    def retry(self, events: int, reason: str) -> bool:
        """Counts events that are sent again; tells whether the reason is new."""
        self.retried += events
        return _count(self.setbacks, reason, events)

    def counts(self) -> str:
        """The counts in one line."""
        return (
            f"{self.sent:,} sent, {self.accepted:,} accepted, {self.retried:,} retried, "
            f"{self.rejected:,} rejected"
        )

    def percentiles(self, which: Sequence[int] = (50, 95, 99)) -> str:
        """The latency in one line, with the maximum at its end; empty before the first accepted event."""
        if not self.latency.count:
            return ""
        values = [f"p{percent} {show_duration(self.latency.at(percent) or 0)}" for percent in which]
        return " ".join([*values, f"max {show_duration(self.latency.largest)}"])


def _count(reasons: Counter[str], reason: str, events: int) -> bool:
    """Counts events under their reason, or under the rest if there are too many; tells whether it is new."""
    if reason not in reasons and len(reasons) >= _REASONS:
        reason = "other reasons"
    reasons[reason] += events
    return reasons[reason] == events

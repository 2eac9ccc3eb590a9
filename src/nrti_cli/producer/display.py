"""Shows a run on stderr; requested predictions also go to stdout, as data."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import cycle
from typing import Any

from rich.markup import escape

from nrti_cli.console import Progress, note
from nrti_cli.counts import show_count
from nrti_cli.durations import show_duration
from nrti_cli.events import Event
from nrti_cli.producer.answers import print_answers
from nrti_cli.producer.client import Answer
from nrti_cli.producer.outcomes import EventOutcome, is_judged, show_reason
from nrti_cli.producer.statistics import Statistics
from nrti_cli.sequences import show_sequence
from nrti_cli.verdicts import show_verdict

#: A line for each event is readable up to this rate per second.
_READABLE_RATE = 5
_REFRESH_SECONDS = 0.25
#: Seconds between two status lines if stderr is not a terminal.
_LOG_SECONDS = 10


class Display:
    """Shows each event at low rates, each new reason of a failure, and the totals.

    Args:
        rate: planned events per second.
        progress: shows the totals.
        wait: whether predictions are requested.
        total: planned number of events; None if unknown.
    """

    def __init__(
        self,
        statistics: Statistics,
        rate: float,
        progress: Progress,
        *,
        wait: bool = False,
        total: int | None = None,
    ) -> None:
        self._statistics = statistics
        self._progress = progress
        self._each = rate <= _READABLE_RATE
        self._wait = wait
        self._total = total
        self._started = time.monotonic()

    def settled(self, events: Sequence[Event], answer: Answer, latency: float) -> None:
        """Shows the events of a completed request.

        Raises:
            BrokenPipeError: the reader of the predictions has closed the pipe.
        """
        if self._each:
            self._show(events, answer, latency)
        # On a terminal, the lines of stdout and stderr would mix.
        if self._wait and not sys.stdout.isatty():
            print_answers(events, answer)

    def _show(self, events: Sequence[Event], answer: Answer, latency: float) -> None:
        taken = "accepted" if answer.accepted else f"[red]{answer.status or 'not sent'}[/red]"
        shown = [_shown(outcome) for outcome in answer.outcomes] or [taken]
        for event, outcome in zip(events, cycle(shown), strict=False):
            happened = datetime.fromtimestamp(event["timestamp"] / 1000, UTC).time()
            self._progress.log(
                f"[dim]{happened.isoformat('milliseconds')}Z[/dim]  {escape(event['sensor'])}  "
                f"{escape(event['model'])}  {escape(show_sequence(event['data']))}  {outcome}  "
                f"{show_duration(latency)}"
            )

    def retrying(self, answer: Answer) -> None:
        """Shows why requests are retried."""
        self._progress.log(f"[yellow]retrying: {escape(str(answer))}[/yellow]")

    def refused(self, answer: Answer) -> None:
        """Shows why events were not accepted."""
        self._progress.log(f"[red]not accepted: {escape(str(answer))}[/red]")

    def interrupted(self) -> None:
        """Shows what the end of the run waits for."""
        if self._statistics.in_flight:
            self._progress.log(
                f"ending; {show_count(self._statistics.in_flight, 'event')} still in flight "
                "(Ctrl-C again does not wait for them)"
            )

    async def keep_showing(self) -> None:
        """Updates the totals until it is cancelled."""
        watched = sys.stderr.isatty()
        while True:
            await asyncio.sleep(_REFRESH_SECONDS if watched else _LOG_SECONDS)
            (self._progress.update if watched else self._progress.log)(self._totals())

    def _totals(self) -> str:
        statistics = self._statistics
        elapsed = time.monotonic() - self._started
        rare = {
            "in flight": statistics.in_flight,
            "retried": statistics.retried,
            "rejected": statistics.rejected,
        }
        counts = "".join(f", {count:,} {what}" for what, count in rare.items() if count)
        return (
            f"{show_duration(elapsed)}: {statistics.sent:,} sent{self._share(elapsed)}, "
            f"{statistics.accepted:,} accepted{counts}, "
            f"{statistics.sent / elapsed:,.1f}/s  {statistics.percentiles((50, 99))}"
        )

    def _share(self, elapsed: float) -> str:
        """The sent share of all events, and the time for the rest at the present rate."""
        sent = self._statistics.sent
        if not self._total or not sent:
            return ""
        left = elapsed * max(self._total - sent, 0) / sent
        return f" ({sent / self._total:.0%}, {show_duration(left)} left)"

    def summarize(self) -> None:
        """Shows the totals at the end."""
        statistics = self._statistics
        elapsed = show_duration(time.monotonic() - self._started)
        note(f"{statistics.counts()}, {statistics.abandoned:,} given up, in {elapsed}")
        if self._wait:
            failures = show_count(statistics.failures, "predicted failure")
            note(f"{failures}, {statistics.parked:,} in the dead letters")
        if statistics.accepted:
            end = "predicted" if self._wait else "accepted"
            note(f"latency from due to {end}: {statistics.percentiles()}")
        if statistics.waited:
            note(
                f"{show_count(statistics.waited, 'event')} sent late because of --concurrency; the latency "
                "includes the wait"
            )
        for reason, events in statistics.reasons.most_common():
            note(f"[red]{events:,} not {'judged' if self._wait else 'accepted'}: {escape(reason)}[/red]")

    def record(self) -> dict[str, Any]:
        """The totals for programs; times are in seconds."""
        statistics = self._statistics
        latency = {f"p{percent}": statistics.latency.at(percent) for percent in (50, 95, 99)}
        return {
            "sent": statistics.sent,
            "accepted": statistics.accepted,
            "retried": statistics.retried,
            "rejected": statistics.rejected,
            "given_up": statistics.abandoned,
            "sent_late": statistics.waited,
            "failures": statistics.failures if self._wait else None,
            "dead_lettered": statistics.parked if self._wait else None,
            "seconds": time.monotonic() - self._started,
            "latency": {**latency, "max": statistics.latency.largest} if statistics.latency.count else None,
            "reasons": dict(statistics.reasons),
        }


def _shown(outcome: EventOutcome) -> str:
    if not is_judged(outcome):
        return f"[red]{escape(show_reason(outcome))}[/red]"
    values = (outcome.get(name) for name in ("probability", "score", "label"))
    verdict = escape(show_verdict(outcome["prediction"], *values))
    return f"[bold]{verdict}[/bold]" if outcome["prediction"] == 1 else verdict

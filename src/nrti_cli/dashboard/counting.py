"""Counts a table's predictions: from its stream since the page was opened, from the lake before that."""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from nrti_cli.dashboard import history
from nrti_cli.dashboard.live import Live, Page
from nrti_cli.dashboard.lookup import Lookup, News
from nrti_cli.dashboard.rings import Rings
from nrti_cli.dashboard.views import SHOWN_FAILURES, Choice, Views

if TYPE_CHECKING:
    from nrti_cli.aws.athena import Execution
    from nrti_cli.aws.target import Target
    from nrti_cli.dashboard.history import Former, History

#: Seconds without an answer after which the stream is not read any more; a throttled reader pauses for 5.
_SILENCE_SECONDS = 7.0


@dataclass
class Cost:
    """What the page's queries have cost so far, in dollars."""

    queries: int = 0
    dollars: float = 0.0

    def add(self, dollars: float) -> None:
        """Adds a query."""
        self.queries += 1
        self.dollars += dollars


class Counting:
    """The counts of one table.

    Args:
        target: which pipeline.
        arn: of the table's stream.
        delay: how long a prediction may take from the table to the lake.
        news: wakes those who wait for something new.
        cost: counts the queries.
    """

    def __init__(self, target: Target, arn: str, delay: timedelta, news: News, cost: Cost) -> None:
        self._target, self._delay, self._news, self._cost = target, delay, news, cost
        self._rings = Rings()
        self._views = Views(self._rings)
        self._loop = asyncio.get_running_loop()
        self._live = Live(target, arn, self._deliver)
        self._periods: dict[int, Lookup[tuple[History, bool]]] = {}
        self._former = Lookup(self._look_up_former, self._take_former, news)
        #: Lets browsers find out that their data is of another run, or another table.
        self._boot = secrets.token_hex(4)

    def begin(self) -> None:
        """Begins to follow the stream."""
        self._live.begin()

    def close(self) -> None:
        """Ends what runs."""
        self._live.close()
        self._former.close()
        for period in self._periods.values():
            period.close()

    def now(self) -> datetime:
        """The time by AWS's clock."""
        return self._live.now()

    def known(self, version: str) -> int:
        """How far a browser with this version is; -1 if it has nothing of this run."""
        boot, _, number = version.partition(".")
        return int(number) if boot == self._boot and number.isdigit() else -1

    def has_news(self, known: int) -> bool:
        """Whether a browser that is so far lacks something."""
        return known != self._rings.version

    def ask(self, choice: Choice) -> None:
        """Has what a browser needs looked up in the lake, once it is known where the stream begins."""
        if self._live.started.is_set():
            self._former.ask()
            self._period(choice).ask()

    def changes(self, choice: Choice, known: int, now: int) -> dict[str, Any]:
        """What a browser that is so far lacks; `now` is in epoch seconds."""
        return {
            "version": f"{self._boot}.{self._rings.version}",
            "whole": known < 0,
            "period": choice.period,
            "width": choice.width,
            "buckets": self._views.buckets(choice, known, now),
            "failures": self._views.failures(choice, known),
            **self._views.totals(choice, now),
            "live": self._following(now),
            "history": self._history(choice),
        }

    def _period(self, choice: Choice) -> Lookup[tuple[History, bool]]:
        if choice.period not in self._periods:
            look_up = partial(self._look_up, choice)
            self._periods[choice.period] = Lookup(look_up, self._take_history, self._news)
        return self._periods[choice.period]

    def _deliver(self, page: Page) -> None:
        """Called in the stream's thread."""
        self._loop.call_soon_threadsafe(self._take, page)

    def _take(self, page: Page) -> None:
        self._rings.add(page.counted)
        self._views.add_failures(page.failures)
        self._news.notify()

    def _following(self, now: int) -> dict[str, Any]:
        """Whether the stream is read; the SDK waits for a service that is restarted without a word."""
        following = self._live.following
        since = following.since.timestamp()
        silent = "it does not answer" if now - since > _SILENCE_SECONDS else ""
        return {"problem": following.problem or silent, "since": round(since * 1000)}

    def _history(self, choice: Choice) -> dict[str, Any]:
        period = self._period(choice)
        return {
            "until": self._live.start,
            "known": period.known,
            "complete": period.over,
            "asking": period.asking,
            "problem": period.problem,
        }

    def _look_up(self, choice: Choice) -> tuple[History, bool]:
        """The history of a period, and whether the lake had all of it."""
        complete, span = self._is_delivered(), timedelta(seconds=choice.period + choice.width)
        return history.read(
            self._target, choice.width, span, self._border, self._rings.packing.pack
        ), complete

    def _take_history(self, answer: tuple[History, bool]) -> float | None:
        found, complete = answer
        self._rings.replace_history(found.width, found.since, found.packed)
        return self._again(found.execution, complete)

    def _look_up_former(self) -> tuple[Former, bool]:
        complete = self._is_delivered()
        return history.latest_failures(self._target, SHOWN_FAILURES, self._border), complete

    def _take_former(self, answer: tuple[Former, bool]) -> float | None:
        found, complete = answer
        self._views.add_former_failures(found.failures)
        return self._again(found.execution, complete)

    def _again(self, execution: Execution, complete: bool) -> float | None:
        """Counts a query. Returns the seconds until the lake has the rest, None if it has all."""
        self._cost.add(execution.dollars)
        return None if complete else (self._delivered - self.now()).total_seconds()

    def _is_delivered(self) -> bool:
        """Whether all that was predicted before the stream was read is in the lake."""
        return self.now() > self._delivered

    @property
    def _delivered(self) -> datetime:
        return self._border + self._delay

    @property
    def _border(self) -> datetime:
        """What was predicted then or later comes from the stream."""
        return datetime.fromtimestamp(self._live.start / 1000, UTC)

"""What runs behind the page: the stream, the history and the stages, each as far as a browser asks for it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from nrti_cli.dashboard import details, history
from nrti_cli.dashboard.history import Former, History
from nrti_cli.dashboard.live import Live, Page
from nrti_cli.dashboard.rings import Rings
from nrti_cli.dashboard.views import SHOWN_FAILURES, Choice, Views
from nrti_cli.errors import NrtiError
from nrti_cli.stack.health import Stage, delivery_time, health

if TYPE_CHECKING:
    from collections.abc import Callable

    from nrti_cli.aws.athena import Execution
    from nrti_cli.aws.target import Target
    from nrti_cli.stack.outputs import Outputs

_logger = logging.getLogger(__name__)
#: Seconds for which a question waits for something new.
_LONGEST_WAIT = 1.0
#: Seconds without an answer after which the stream is not read any more; a throttled reader pauses for 5.
_SILENCE_SECONDS = 7.0
#: Seconds until a query that failed is tried again.
_RETRY_SECONDS = 30.0
#: Seconds after a look at the stages until the next one, while a browser asks.
_STAGES_SECONDS = 10.0
#: The services that threads ask; clients are made before.
_SERVICES = ("athena", "s3", "dynamodb", "cloudwatch", "apigateway", "sqs", "kinesis", "logs", "sagemaker")


_Read = TypeVar("_Read", History, Former)


@dataclass
class Period:
    """What the lake is asked for, and how far that is.

    Attributes:
        known: whether the lake has been read.
        complete: whether the lake has all that was predicted before the page was opened.
        asking: whether a query runs.
        problem: why the last query failed, if it did.
        rests_until: when a query that failed is tried again, by the monotonic clock.
    """

    known: bool = False
    complete: bool = False
    asking: bool = False
    problem: str = ""
    rests_until: float = 0.0


class Board:
    """The data of one page.

    Args:
        target: which pipeline.
        stack: its names.
    """

    def __init__(self, target: Target, stack: Outputs) -> None:
        self._target, self._stack = target, stack
        for service in _SERVICES:
            target.client(service)  # making clients is not thread-safe; using them is
        self._rings = Rings()
        self._views = Views(self._rings)
        self._loop = asyncio.get_running_loop()
        self._news = asyncio.Event()
        self._live = Live(target, stack.table_stream_arn, self._deliver)
        self._periods: dict[int, Period] = {}
        self._former = Period()
        self._stages: list[dict[str, Any]] = []
        self._looking, self._looks_at = False, 0.0
        self._tasks: set[asyncio.Task[None]] = set()
        self._queries, self._dollars = 0, 0.0
        self._delay = timedelta()
        #: Lets browsers find out that their data is of an earlier run.
        self._boot = secrets.token_hex(4)

    async def begin(self) -> None:
        """Begins to follow the stream."""
        self._delay = await asyncio.to_thread(delivery_time, self._target)
        self._live.begin()

    def close(self) -> None:
        """Ends what runs; those that wait for an answer get one."""
        self._live.close()
        for task in self._tasks:
            task.cancel()
        self._news.set()

    def _deliver(self, page: Page) -> None:
        """Called in the stream's thread."""
        self._loop.call_soon_threadsafe(self._take, page)

    def _take(self, page: Page) -> None:
        self._rings.add(page.counted)
        self._views.add_failures(page.failures)
        self._tell()

    def _tell(self) -> None:
        news, self._news = self._news, asyncio.Event()
        news.set()

    async def changes(self, choice: Choice, after: str) -> dict[str, Any]:
        """What changed after an answer; it waits a moment if nothing has.

        Args:
            choice: what is shown.
            after: the `version` of that answer; anything else asks for all.
        """
        boot, _, number = after.partition(".")
        known = int(number) if boot == self._boot and number.isdigit() else -1
        self._look(choice)
        if known == self._rings.version:
            news = self._news
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(news.wait(), _LONGEST_WAIT)
        now = self._live.now().timestamp()
        return {
            "version": f"{self._boot}.{self._rings.version}",
            "whole": known < 0,
            "now": round(now * 1000),
            "period": choice.period,
            "width": choice.width,
            "buckets": self._views.buckets(choice, known, int(now)),
            "failures": self._views.failures(choice, known),
            **self._views.totals(choice, int(now)),
            "stages": self._stages,
            "live": self._following(now),
            "history": self._history(choice),
        }

    def _following(self, now: float) -> dict[str, Any]:
        """Whether the stream is read; the SDK waits for a service that is restarted without a word."""
        following = self._live.following
        since = following.since.timestamp()
        silent = "it does not answer" if now - since > _SILENCE_SECONDS else ""
        return {"problem": following.problem or silent, "since": round(since * 1000)}

    def _history(self, choice: Choice) -> dict[str, Any]:
        period = self._periods.get(choice.period, Period())
        cost = {"queries": self._queries, "dollars": self._dollars} if self._target.name == "aws" else {}
        return {
            "until": self._live.start,
            "known": period.known,
            "complete": period.complete,
            "asking": period.asking,
            "problem": period.problem,
            **cost,
        }

    def _look(self, choice: Choice) -> None:
        """Has what a browser needs looked up, unless that is under way."""
        period = self._periods.setdefault(choice.period, Period())
        span = timedelta(seconds=choice.period + choice.width)
        self._ask_if_due(period, partial(history.read, self._target, choice.width, span), self._take_history)
        latest = partial(history.latest_failures, self._target, SHOWN_FAILURES)
        self._ask_if_due(self._former, latest, self._take_former)
        if not self._looking and time.monotonic() > self._looks_at:
            self._looking = True
            self._begin(self._look_at_stages())

    def _ask_if_due(
        self, period: Period, read: Callable[[datetime], _Read], take: Callable[[_Read], None]
    ) -> None:
        rests = period.asking or time.monotonic() < period.rests_until
        due = not period.known or (not period.complete and self._is_delivered())
        if self._live.started.is_set() and due and not rests:
            period.asking = True
            self._begin(self._ask(period, read, take))

    def _is_delivered(self) -> bool:
        """Whether all that was predicted before the stream was read is in the lake."""
        return self._live.now().timestamp() > self._live.start / 1000 + self._delay.total_seconds()

    def _begin(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _ask(
        self, period: Period, read: Callable[[datetime], _Read], take: Callable[[_Read], None]
    ) -> None:
        """Asks the lake for what was predicted before the stream was read."""
        complete = self._is_delivered()
        until = datetime.fromtimestamp(self._live.start / 1000, UTC)
        try:
            found = await asyncio.to_thread(read, until)
        except (NrtiError, BotoCoreError, ClientError) as error:
            _logger.info("the lake cannot be asked: %s", error)
            period.problem, period.rests_until = str(error), time.monotonic() + _RETRY_SECONDS
        else:
            self._count(found.execution)
            take(found)
            period.known, period.complete, period.problem = True, complete, ""
        finally:
            period.asking = False
        self._tell()

    def _take_history(self, found: History) -> None:
        self._rings.replace_history(found.width, found.since, found.cells)

    def _take_former(self, found: Former) -> None:
        self._views.add_former_failures(found.failures)

    def _count(self, execution: Execution) -> None:
        """Adds what a query costs."""
        self._queries += 1
        self._dollars += execution.dollars

    async def _look_at_stages(self) -> None:
        try:
            found = await asyncio.to_thread(health, self._target)
        except (NrtiError, BotoCoreError, ClientError) as error:
            _logger.info("the stages cannot be looked at: %s", error)
            found = [Stage("stages", "failed", f"they cannot be read: {error}")]
        finally:
            self._looking, self._looks_at = False, time.monotonic() + _STAGES_SECONDS
        self._stages = [
            {"name": each.name, "state": each.state, "reason": each.reason, "figures": dict(each.figures)}
            for each in found
        ]

    async def sensor(self, name: str) -> dict[str, Any]:
        """A sensor's latest predictions, its models and its silences."""
        return await asyncio.to_thread(details.of_sensor, self._target, self._stack.table, name)

    async def prediction(self, sensor: str, key: str) -> dict[str, Any] | None:
        """All that is known of a prediction."""
        look_up = partial(details.of_prediction, self._target, self._stack.table, sensor, key)
        return await asyncio.to_thread(look_up)

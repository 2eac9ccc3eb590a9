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
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from nrti_cli.dashboard import details, history
from nrti_cli.dashboard.live import Live, Page
from nrti_cli.dashboard.rings import Rings
from nrti_cli.dashboard.views import SHOWN_FAILURES, Choice, Views
from nrti_cli.errors import NrtiError
from nrti_cli.stack.health import delivery_time, health

if TYPE_CHECKING:
    from nrti_cli.aws.target import Target
    from nrti_cli.stack.outputs import Outputs
    from nrti_cli.tail import Stored

_logger = logging.getLogger(__name__)
#: Seconds for which a question waits for something new.
_LONGEST_WAIT = 1.0
#: Seconds without an answer after which the stream is not read any more; a throttled reader pauses for 5.
_SILENCE_SECONDS = 7.0
#: Seconds until a query that failed is tried again.
_RETRY_SECONDS = 30.0
#: Seconds between two looks at the stages while a browser asks.
_STAGES_SECONDS = 10.0
#: What a query of Athena costs: 5 USD per terabyte, and each at least 10 MB.
_DOLLARS_PER_BYTE, _LEAST_BYTES = 5 / 1e12, 10_000_000
#: The services that threads ask; clients are made before.
_SERVICES = ("athena", "s3", "dynamodb", "cloudwatch", "apigateway", "sqs", "kinesis", "logs", "sagemaker")


@dataclass
class Period:
    """The history of one width.

    Attributes:
        reaches: the epoch second from which on it is known; None if nothing is.
        complete: whether the lake has all that was predicted before the page was opened.
        asking: whether a query runs.
        problem: why the last query failed, if it did.
        failed_at: when that was.
    """

    reaches: int | None = None
    complete: bool = False
    asking: bool = False
    problem: str = ""
    failed_at: float = 0.0


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
        self._stages: list[dict[str, Any]] = []
        self._stages_at = 0.0
        self._tasks: set[asyncio.Task[None]] = set()
        self._queries, self._dollars = 0, 0.0
        self._delivered_at = 0.0
        self._has_former = False
        #: Tells browsers that what they have is of an earlier run.
        self._boot = secrets.token_hex(4)

    async def begin(self) -> None:
        """Begins to follow the stream."""
        delay = await asyncio.to_thread(delivery_time, self._target)
        self._live.begin()
        self._delivered_at = time.time() + delay.total_seconds()

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
        now = time.time()
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
        return {"complete": period.complete, "asking": period.asking, "problem": period.problem, **cost}

    def _look(self, choice: Choice) -> None:
        """Has what a browser needs looked up, unless that is under way."""
        period = self._periods.setdefault(choice.period, Period())
        due = period.reaches is None or (not period.complete and time.time() > self._delivered_at)
        rests = period.asking or time.time() < period.failed_at + _RETRY_SECONDS
        if self._live.started.is_set() and due and not rests:
            period.asking = True
            self._begin(self._ask(choice, period))
        if time.monotonic() - self._stages_at > _STAGES_SECONDS:
            self._stages_at = time.monotonic()
            self._begin(self._look_at_stages())

    def _begin(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _ask(self, choice: Choice, period: Period) -> None:
        until = datetime.fromtimestamp(self._live.start / 1000, UTC)
        asked_at = time.time()
        try:
            since = until - timedelta(seconds=choice.period + choice.width)
            found = await asyncio.to_thread(history.read, self._target, choice.width, since, until)
            former = await self._former_failures(until)
        except (NrtiError, BotoCoreError, ClientError) as error:
            _logger.info("the lake cannot be asked: %s", error)
            period.problem, period.failed_at = str(error), time.time()
        else:
            self._queries += 1
            self._dollars += max(found.execution.scanned, _LEAST_BYTES) * _DOLLARS_PER_BYTE
            self._rings.replace_history(choice.width, found.since, found.cells)
            self._views.add_former_failures(former)
            period.reaches, period.complete = found.since, asked_at > self._delivered_at
            period.problem = ""
        period.asking = False
        self._tell()

    async def _former_failures(self, until: datetime) -> list[Stored]:
        """The latest failures from before the page was opened, which one query has; empty from then on."""
        if self._has_former:
            return []
        found = await asyncio.to_thread(history.latest_failures, self._target, until, SHOWN_FAILURES)
        self._has_former = True
        self._queries += 1
        self._dollars += _LEAST_BYTES * _DOLLARS_PER_BYTE
        return found

    async def _look_at_stages(self) -> None:
        try:
            found = await asyncio.to_thread(health, self._target)
        except (NrtiError, BotoCoreError, ClientError) as error:
            _logger.info("the stages cannot be looked at: %s", error)
            return
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

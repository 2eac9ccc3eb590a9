"""Puts the parts of the producer together."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import Any

from rich.markup import escape

from nrti_cli.console import progress
from nrti_cli.counts import show_count
from nrti_cli.errors import NrtiError
from nrti_cli.events import Event
from nrti_cli.ledger import Ledger
from nrti_cli.producer.client import HttpClient
from nrti_cli.producer.dispatch import Dispatcher
from nrti_cli.producer.display import Display
from nrti_cli.producer.feed import live_requests, ready_requests
from nrti_cli.producer.run import SendRate, run
from nrti_cli.producer.sender import Backoff
from nrti_cli.producer.statistics import Statistics
from nrti_cli.producer.unsent import Unsent, default_path


@dataclass(frozen=True)
class SendPlan:
    """What to send, and how.

    Attributes:
        events: the source; they receive ids and times when they are sent if they lack them.
        live: whether the next event may have to be waited for.
        count: maximum number of events, None for no limit.
        batch: events per request, 1 to 25.
        concurrency: maximum requests in flight.
        retry_for: seconds for which a request is retried.
        unsent: the file for events that are not accepted in the end; None for a new name in the current
            directory.
        wait: whether to request predictions.
        ledger: the file for accepted events.
        report: called with the totals at the end, as `Display.record` returns them.
    """

    events: Iterator[Event]
    send_rate: SendRate
    live: bool = False
    count: int | None = None
    batch: int = 1
    concurrency: int = 100
    retry_for: float = 30.0
    unsent: Path | None = None
    wait: bool = False
    ledger: Path | None = None
    report: Callable[[dict[str, Any]], None] | None = None


def produce(url: str, key: str, plan: SendPlan) -> Statistics:
    """Sends the events of a plan to the API, and shows the progress.

    Args:
        url: for the events.
        key: the API key.
        plan: what to send, and how.

    Returns:
        The totals, which have been shown already.

    Raises:
        NrtiError: events were not accepted in the end (they are in a file) or not scored (they are dead-
            lettered), or the input is malformed.
    """
    statistics = Statistics()
    unsent = Unsent(plan.unsent or default_path())
    with contextlib.ExitStack() as files, progress("producing") as shown:
        files.enter_context(contextlib.closing(unsent))
        ledger = files.enter_context(contextlib.closing(Ledger(plan.ledger))) if plan.ledger else None
        if ledger and ledger.continued:
            shown.log(f"{escape(str(plan.ledger))} exists and is appended to")
        if ledger and ledger.left:
            left = show_count(len(ledger.left), "event")
            shown.log(f"{left} without a response in the last run: sent again now")
            plan = _after(ledger.left, plan)
        display = Display(statistics, plan.send_rate.rate, shown, wait=plan.wait, total=plan.count)
        try:
            _run_loop(_session(url, key, plan, display, statistics, unsent, ledger))
        finally:
            display.summarize()
            if plan.report:
                plan.report(display.record())
    if statistics.failed:
        raise NrtiError(
            f"{statistics.failed:,} of {statistics.sent:,} events were not accepted",
            hint=f"send them again with nrti produce --input {unsent.path}",
        )
    if statistics.parked:
        raise NrtiError(
            f"{statistics.parked:,} of {statistics.sent:,} events were not scored",
            hint="they are dead letters, which nrti redrive --dry-run shows",
        )
    return statistics


def _after(left: list[Event], plan: SendPlan) -> SendPlan:
    """The plan, preceded by the events that an earlier run left."""
    return replace(plan, events=chain(left, plan.events), count=plan.count and plan.count + len(left))


async def _session(
    url: str,
    key: str,
    plan: SendPlan,
    display: Display,
    statistics: Statistics,
    unsent: Unsent,
    ledger: Ledger | None,
) -> None:
    client = HttpClient(url, key, plan.concurrency, wait=plan.wait)
    dispatcher = Dispatcher(
        client,
        Backoff(give_up_after=plan.retry_for),
        plan.concurrency,
        statistics=statistics,
        unsent=unsent,
        observer=display,
        ledger=ledger,
    )
    requests = (live_requests if plan.live else ready_requests)(plan.events, plan.batch, plan.count)
    showing = asyncio.create_task(display.keep_showing())
    try:
        await run(requests, plan.send_rate, dispatcher, display.interrupted)
    finally:
        showing.cancel()
        await client.close()


def _run_loop(session: Coroutine[Any, Any, None]) -> None:
    """Runs on uvloop if it is available: its timers and sockets are cheaper."""
    try:
        import uvloop
    except ImportError:
        asyncio.run(session)
    else:
        uvloop.run(session)

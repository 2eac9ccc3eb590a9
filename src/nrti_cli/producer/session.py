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
from nrti_cli.errors import NrtiError
from nrti_cli.events import Event
from nrti_cli.ledger import Ledger
from nrti_cli.producer.client import HttpClient
from nrti_cli.producer.dispatch import Dispatcher
from nrti_cli.producer.display import Display
from nrti_cli.producer.feed import live_requests, ready_requests
from nrti_cli.producer.run import Pace, run
from nrti_cli.producer.sender import Backoff
from nrti_cli.producer.statistics import Statistics
from nrti_cli.producer.unsent import Unsent, default_path


@dataclass(frozen=True)
class Plan:
    """What to send, and how.

    Attributes:
        events: where they come from; without ids and times they get them when they are sent.
        live: whether somebody may have to wait for the next event.
        count: at most so many events, None for all.
        batch: events in one request, 1 to 25.
        concurrency: requests in flight at most.
        retry_for: seconds for which a request is tried again.
        unsent: the file for what is finally not accepted; None for a new name in the current directory.
        wait: whether the API answers with predictions.
        ledger: the file for what is accepted.
        report: takes the totals at the end, as `Display.record` gives them.
    """

    events: Iterator[Event]
    pace: Pace
    live: bool = False
    count: int | None = None
    batch: int = 1
    concurrency: int = 100
    retry_for: float = 30.0
    unsent: Path | None = None
    wait: bool = False
    ledger: Path | None = None
    report: Callable[[dict[str, Any]], None] | None = None


def produce(url: str, key: str, plan: Plan) -> Statistics:
    """Sends the events of a plan to the API and shows how it goes.

    Args:
        url: where events are posted.
        key: the API key.
        plan: what to send, and how.

    Returns:
        The totals, which have been shown already.

    Raises:
        NrtiError: some events were finally not accepted (they are in a file then) or not judged (they are in
            the dead letters), or the input is malformed.
    """
    statistics = Statistics()
    unsent = Unsent(plan.unsent or default_path())
    with contextlib.ExitStack() as files, progress("producing") as shown:
        files.enter_context(contextlib.closing(unsent))
        ledger = files.enter_context(contextlib.closing(Ledger(plan.ledger))) if plan.ledger else None
        if ledger and ledger.continued:
            shown.log(f"{escape(str(plan.ledger))} exists and is appended to")
        if ledger and ledger.left:
            shown.log(f"{len(ledger.left):,} events were not answered when the last run ended: sent again")
            plan = _after(ledger.left, plan)
        display = Display(statistics, plan.pace.rate, shown, wait=plan.wait, total=plan.count)
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
            f"{statistics.parked:,} of {statistics.sent:,} events were not judged",
            hint="they are in the dead-letter queue, which nrti status names",
        )
    return statistics


def _after(left: list[Event], plan: Plan) -> Plan:
    """The plan, after what an earlier one left."""
    return replace(plan, events=chain(left, plan.events), count=plan.count and plan.count + len(left))


async def _session(
    url: str,
    key: str,
    plan: Plan,
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
        await run(requests, plan.pace, dispatcher, display.interrupted)
    finally:
        showing.cancel()
        await client.close()


def _run_loop(session: Coroutine[Any, Any, None]) -> None:
    """Runs on uvloop where it exists: its timers and sockets cost less."""
    try:
        import uvloop
    except ImportError:
        asyncio.run(session)
    else:
        uvloop.run(session)

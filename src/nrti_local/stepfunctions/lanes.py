"""The lanes in which EXPRESS executions run, each with turns and limits of its own.

Executions that other executions start have turns of their own: however many there are, and however long
their tasks take, a client's execution does not wait for a turn. While clients' executions do wait, none of
the others begins.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from nrti_local.stepfunctions.load import LOAD, Load
from nrti_local.stepfunctions.scheduler import AT_A_TIME, SCHEDULER, Scheduler

#: Executions of other executions that may be in progress, the bytes of their inputs, and the seconds that one
#: may wait: no client waits for them.
_MOST_NESTED, _MOST_NESTED_BYTES, _LONGEST_DELAY = 1_000, 16 * 1024 * 1024, 60.0
#: Seconds that a shutdown waits for them, after those of clients.
_DRAIN_SECONDS = 5.0


@dataclass(frozen=True)
class Lane:
    """Where executions wait for their turn.

    Attributes:
        scheduler: gives the turns.
        load: counts what is in progress, and knows when no more is accepted.
    """

    scheduler: Scheduler
    load: Load


CLIENTS = Lane(SCHEDULER, LOAD)
_nested = Scheduler(AT_A_TIME, SCHEDULER)
NESTED = Lane(_nested, Load(_nested, _MOST_NESTED, _MOST_NESTED_BYTES, _LONGEST_DELAY))


def lane(*, nested: bool) -> Lane:
    """The lane of an execution; `nested` if another execution starts it."""
    return NESTED if nested else CLIENTS


def bind(loop: asyncio.AbstractEventLoop) -> None:
    """Sets the loop on which all executions run."""
    for each in (CLIENTS, NESTED):
        each.scheduler.bind(loop)


def drain() -> None:
    """Accepts no more and waits for what was accepted; not for the loop's thread."""
    CLIENTS.scheduler.drain()
    NESTED.scheduler.drain(_DRAIN_SECONDS)

"""Whether an embedded AWS is there, whether it answers, and what it does if not."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

from nrti_local.server import lock
from nrti_local.server.layout import Layout

#: How long its answer is waited for.
_ANSWER_SECONDS = 5.0
#: How long the end of a replay is waited for, and between two looks.
_REPLAY_SECONDS, _POLL_SECONDS = 60.0, 0.1


@dataclass(frozen=True)
class Running:
    """An embedded AWS that answers.

    Attributes:
        endpoint_url: where, `http://127.0.0.1:<port>`.
        pid: of the server; its children end with it.
        since: when it became ready.
        started: whether this very call started it.
    """

    endpoint_url: str
    pid: int
    since: datetime
    started: bool = False


@dataclass(frozen=True)
class Silent:
    """An embedded AWS that is there and does not answer.

    Attributes:
        pid: of its process, None if that has only just begun.
        doing: `starting`, what it does for its end, or nothing if it hangs.
    """

    pid: int | None
    doing: str


@dataclass(frozen=True)
class Replay:
    """How many of the executions that the last server had accepted have run again."""

    done: int
    of: int

    def __str__(self) -> str:
        """As a person would say it."""
        return f"{self.done:,} of {self.of:,} executions that were accepted before have run again"


def running(layout: Layout, patience: float = _ANSWER_SECONDS) -> Running | None:
    """The embedded AWS of this home directory, if it is ready and answers.

    A process that has been killed holds its lock for a moment longer, so the lock alone does not say so.

    Args:
        layout: its files.
        patience: seconds that its answer may take.
    """
    if not lock.is_held(layout.lock):
        return None
    facts = _facts(layout)
    if not facts or not _answers(facts["port"], patience):
        return None
    return Running(facts["endpoint_url"], facts["pid"], datetime.fromisoformat(facts["since"]))


def _answers(port: int, patience: float) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=patience)
    try:
        connection.request("GET", "/_ministack/health")
        return connection.getresponse().status == HTTPStatus.OK
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def silent(layout: Layout) -> Silent | None:
    """The process that has the lock of this home directory; for when `running` finds no answer."""
    if not lock.is_held(layout.lock):
        return None
    doing = read_note(layout.stopping) or ("" if layout.running.exists() else "starting")
    return Silent(holder(layout), doing)


def holder(layout: Layout) -> int | None:
    """The process that has the lock, None if it has only just begun; for when the lock is held.

    One of an earlier version did not sign it; it is known since it is ready.
    """
    facts = _facts(layout)
    return lock.owner(layout.lock) or (int(facts["pid"]) if facts else None)


def _facts(layout: Layout) -> dict[str, Any]:
    """What the server has said of itself, empty if it is not ready."""
    try:
        facts: dict[str, Any] = json.loads(layout.running.read_text())
    except (FileNotFoundError, ValueError):
        return {}
    return facts


def replay(layout: Layout) -> Replay | None:
    """How far the embedded AWS is with what the last one left to it; None if nothing is left."""
    numbers = read_note(layout.replaying).split()
    return Replay(*map(int, numbers)) if len(numbers) == 2 else None


def await_replay(layout: Layout, tell: Callable[[str], None]) -> Replay | None:
    """Waits a minute at most until nothing is left to run again: meanwhile the API may answer 429.

    Args:
        layout: its files.
        tell: hears how far it is.

    Returns:
        How far it is if it has not come to an end by then.
    """
    deadline = time.monotonic() + _REPLAY_SECONDS
    while (left := replay(layout)) and lock.is_held(layout.lock) and time.monotonic() < deadline:
        tell(str(left))
        time.sleep(_POLL_SECONDS)
    return left


def read_note(path: Path) -> str:
    """What the server has written into a small file for those who wait, empty if nothing."""
    try:
        return path.read_text()
    except FileNotFoundError:
        return ""

"""Whether an embedded AWS runs and responds, and what it is doing if it does not respond."""

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

from nrti_local.server.processes import lock
from nrti_local.server.processes.layout import Layout

#: How long to wait for its answer.
_ANSWER_SECONDS = 5.0
#: How long to wait for the end of a replay, and how often to check.
_REPLAY_SECONDS, _POLL_SECONDS = 60.0, 0.1


@dataclass(frozen=True)
class Running:
    """An embedded AWS that answers.

    Attributes:
        endpoint_url: its address, `http://127.0.0.1:<port>`.
        pid: of the server; its children end with it.
        since: when it became ready.
        version: of the package whose code it runs; empty for an earlier one.
        started: whether this call started it.
    """

    endpoint_url: str
    pid: int
    since: datetime
    version: str = ""
    started: bool = False


@dataclass(frozen=True)
class Silent:
    """An embedded AWS that runs and does not answer.

    Attributes:
        pid: of its process; None if that has just begun.
        doing: `starting`, its current step if it ends, or empty if it hangs.
    """

    pid: int | None
    doing: str


@dataclass(frozen=True)
class Replay:
    """How many of the executions that the previous server had accepted have run again."""

    done: int
    of: int

    def __str__(self) -> str:
        """The progress in words."""
        return f"{self.done:,} of {self.of:,} executions that were accepted before have run again"


def running(layout: Layout, patience: float = _ANSWER_SECONDS) -> Running | None:
    """The embedded AWS of this home directory, if it is ready and answers.

    The lock alone does not show it: a killed process holds its lock for a moment longer.

    Args:
        layout: its files.
        patience: seconds to wait for its answer.
    """
    if not lock.is_held(layout.lock):
        return None
    facts = _facts(layout)
    if not facts or not _answers(facts["port"], patience):
        return None
    since = datetime.fromisoformat(facts["since"])
    return Running(facts["endpoint_url"], facts["pid"], since, facts.get("version", ""))


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
    """The process that holds the lock of this home directory, if `running` got no answer from it."""
    if not lock.is_held(layout.lock):
        return None
    doing = read_note(layout.stopping) or ("" if layout.running.exists() else "starting")
    return Silent(holder(layout), doing)


def holder(layout: Layout) -> int | None:
    """The id of the process that holds the lock; None if it has just begun.

    A process of an earlier version does not sign the lock, but its id is known once it is ready.
    """
    facts = _facts(layout)
    return lock.owner(layout.lock) or (int(facts["pid"]) if facts else None)


def _facts(layout: Layout) -> dict[str, Any]:
    """What the server wrote about itself; empty if it is not ready."""
    try:
        facts: dict[str, Any] = json.loads(layout.running.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return facts


def replay(layout: Layout) -> Replay | None:
    """The progress of the replay; None if nothing is left to run again."""
    numbers = read_note(layout.replaying).split()
    return Replay(*map(int, numbers)) if len(numbers) == 2 else None


def await_replay(layout: Layout, report: Callable[[str], None]) -> Replay | None:
    """Waits up to a minute for the end of a replay, during which the API may answer 429.

    Args:
        layout: the files of the embedded AWS.
        report: called with the progress.

    Returns:
        The progress if the replay has not ended by then.
    """
    deadline = time.monotonic() + _REPLAY_SECONDS
    while (left := replay(layout)) and lock.is_held(layout.lock) and time.monotonic() < deadline:
        report(str(left))
        time.sleep(_POLL_SECONDS)
    return left


def read_note(path: Path) -> str:
    """The content of a small file that the server writes for waiting commands; empty if there is none."""
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""

"""Starts, finds and stops the embedded AWS; all that other programs know of it."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from nrti_local.errors import LocalError, Remedy
from nrti_local.server import disk, fatal, lock, logfile
from nrti_local.server.layout import Layout
from nrti_local.server.presence import (
    Replay,
    Running,
    Silent,
    await_replay,
    holder,
    read_note,
    replay,
    running,
    silent,
)
from nrti_local.settings import KEY, REGION, client_variables

__all__ = [
    "KEY",
    "REGION",
    "Layout",
    "LocalError",
    "Remedy",
    "Replay",
    "Running",
    "Silent",
    "await_replay",
    "check",
    "client_variables",
    "deploying",
    "destroy",
    "exists",
    "files",
    "keep_log",
    "kill",
    "read_log",
    "replay",
    "running",
    "set_aside",
    "silent",
    "start",
    "stop",
]

_START_SECONDS = 60.0
#: What it does to end takes 15 s a step at most, and much longer on a machine that has much else to do.
_STEP_SECONDS = 60.0
_POLL_SECONDS = 0.02
#: Until one that is there and neither answers nor says what it does is taken for one that hangs.
_SILENCE_SECONDS = 15.0


def files(directory: Path) -> Layout:
    """Where the embedded AWS of a home directory keeps its files."""
    return Layout(directory / "local")


def exists(layout: Layout) -> bool:
    """Whether there is anything of an embedded AWS in this home directory, running or not."""
    return layout.root.exists()


def start(layout: Layout, port: int | None = None, lifeline: int | None = None) -> Running:
    """Returns the embedded AWS, starting it if need be; a start that another command has begun is awaited.

    Args:
        layout: its files.
        port: where it shall listen; None for the port it had last, or a free one.
        lifeline: the read end of a pipe; a server that this call starts ends when the pipe is closed.

    Raises:
        LocalError: it cannot start; the message has its own reason.
    """
    found = running(layout)
    if found:
        return found
    if told := disk.shortage(layout.root):
        raise LocalError(told, Remedy.ROOM)
    server = None
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        server = server or _spawn(layout, port, lifeline)
        found = running(layout)
        if not server and not found and time.monotonic() > deadline - _START_SECONDS + _SILENCE_SECONDS:
            _refuse_to_wait(layout)
        if found:
            return replace(found, started=server is not None and found.pid == server.pid)
        if server and server.poll() is not None and not lock.is_held(layout.lock):
            reason, remedy = _last_words(layout, server.returncode)
            raise LocalError(f"the embedded AWS did not start: {reason}", remedy)
        time.sleep(_POLL_SECONDS)
    raise LocalError(f"the embedded AWS is not ready after {_START_SECONDS:.0f} s", Remedy.LOG)


def check(layout: Layout, patience: float = 5.0) -> None:
    """Finds out within seconds whether an embedded AWS hangs; a client of AWS would wait a minute.

    Args:
        layout: its files.
        patience: seconds that its answer may take.

    Raises:
        LocalError: it does not answer, and is neither starting nor ending.
    """
    if not running(layout, patience):
        _refuse_to_wait(layout)


def _refuse_to_wait(layout: Layout) -> None:
    """Says that another server hangs, if it neither starts nor ends."""
    other = silent(layout)
    if other and not other.doing:
        raise LocalError(f"the embedded AWS is there (process {other.pid}) and does not answer", Remedy.KILL)


def shortage(layout: Layout) -> str:
    """What is wrong with the disk of the embedded AWS, in a line, or nothing."""
    return disk.shortage(layout.root)


@contextmanager
def deploying(layout: Layout) -> Iterator[None]:
    """Keeps other commands from deploying to the embedded AWS of this home directory meanwhile.

    Raises:
        LocalError: another one is at it.
    """
    held = lock.acquire(layout.deploying)
    if held is None:
        raise LocalError(f"another command is deploying to the embedded AWS in {layout.root}", Remedy.WAIT)
    try:
        yield
    finally:
        os.close(held)


def _spawn(layout: Layout, port: int | None, lifeline: int | None = None) -> subprocess.Popen[bytes] | None:
    """Starts a server that has the lock from its first moment on; None if another one has it.

    So there is no moment at which a server comes up that `destroy` would not find.
    """
    try:
        held = lock.acquire(layout.lock)
        if held is None:
            return None
        layout.running.unlink(missing_ok=True)
        if layout.log.exists():
            layout.log.replace(layout.log.with_suffix(".log.1"))
        log = layout.log.open("wb")
    except OSError as error:
        raise LocalError(f"{layout.root} cannot be used ({error.strerror})", Remedy.PLACE) from error
    try:
        return subprocess.Popen(
            [sys.executable, "-m", "nrti_local.server.run", str(layout.root), str(port or 0), str(held)],
            stdin=subprocess.DEVNULL if lifeline is None else lifeline,
            stdout=log,
            stderr=log,
            start_new_session=True,
            cwd=layout.root,
            pass_fds=(held,),
        )
    finally:
        log.close()
        os.close(held)


def _last_words(layout: Layout, code: int) -> tuple[str, Remedy | None]:
    """Why a server has ended, and what to do about it.

    Args:
        layout: its files; the log may have the reason.
        code: its exit code; below zero, the signal that ended it.
    """
    lines = layout.log.read_text(errors="replace").splitlines()
    for found in filter(None, map(fatal.read, reversed(lines))):
        return found
    ended = f"{signal.Signals(-code).name} ended it" if code < 0 else f"it ended with code {code}"
    return (lines or [f"{ended} before it wrote to its log"])[-1], None


def stop(
    layout: Layout,
    tell: Callable[[str], None] = lambda _: None,
    patience: float = _STEP_SECONDS,
) -> bool:
    """Ends the embedded AWS gracefully, its state saved; False if there was none.

    Args:
        layout: its files.
        tell: is told each step on the way to its end, in a few words.
        patience: seconds that a step may take.

    Raises:
        LocalError: it hangs in a step, or does not hear.
    """
    step, asked, was_there = "", None, False
    longest = min(patience, _SILENCE_SECONDS)
    deadline = time.monotonic() + longest
    while lock.is_held(layout.lock):
        was_there = True
        pid = holder(layout)
        if asked and pid and pid != asked:
            break  # it has ended, and another command has started the next one
        if pid and not asked:  # one that has only just been started is asked when it is there
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
            asked = pid
        if (now := read_note(layout.stopping)) and now != step:
            step, longest, deadline = now, patience, time.monotonic() + patience
            tell(step)
        if time.monotonic() > deadline:
            raise LocalError(
                f"the embedded AWS (process {pid}) does not end, after {longest:.0f} s of "
                f"{step or 'no answer'}",
                Remedy.KILL,
            )
        time.sleep(_POLL_SECONDS)
    return was_there


def kill(layout: Layout) -> int | None:
    """Ends the embedded AWS and all that it has started at once, whatever it does, found by its lock.

    Returns:
        The process that it was, or None if there was none.
    """
    killed = None
    while lock.is_held(layout.lock):  # one that has only just been started is awaited
        if pid := holder(layout):
            killed = pid
            with suppress(ProcessLookupError):
                os.killpg(pid, signal.SIGKILL)  # its children are in its group
        time.sleep(_POLL_SECONDS)
    return killed


def destroy(layout: Layout) -> bool:
    """Ends the embedded AWS and deletes all it ever kept; False if there was nothing.

    It ends at once: what it would work off and save would be deleted with it.
    """
    kill(layout)
    if not layout.root.exists():
        return False
    while layout.root.exists():
        try:
            shutil.rmtree(layout.root)
        except OSError as error:
            # What is being killed ends its system call: that may make or remove one file more.
            if error.errno not in {errno.ENOTEMPTY, errno.ENOENT}:
                raise
    return True


def keep_log(layout: Layout) -> Path | None:
    """Copies what the embedded AWS said to a place that `destroy` leaves alone; None if it said nothing."""
    if not layout.log.exists():
        return None
    descriptor, kept = tempfile.mkstemp(prefix="nrti-", suffix=".log")
    os.close(descriptor)
    return Path(shutil.copyfile(layout.log, kept))


def read_log(layout: Layout, lines: int, *, follow: bool) -> Iterator[str]:
    """The last lines of what the embedded AWS said; with `follow`, without end."""
    return logfile.read(layout.log, lines, follow=follow)


def set_aside(layout: Layout) -> Path | None:
    """Ends the embedded AWS and moves its state away, so that the next start is a fresh one.

    Returns:
        Where the state is now, or None if there was none.
    """
    stop(layout)
    if not layout.state.exists():
        return None
    aside = layout.root / f"state-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    layout.state.rename(aside)
    return aside

"""Starts, finds and stops the embedded AWS: the interface for other programs."""

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
from nrti_local.server import disk
from nrti_local.server.processes import fatal, lock, logfile
from nrti_local.server.processes.layout import Layout
from nrti_local.server.processes.presence import (
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
#: A step of its shutdown takes 15 s at most, and longer on a loaded machine.
_STEP_SECONDS = 60.0
_POLL_SECONDS = 0.02
#: A server that neither answers nor reports a step for this time counts as hanging.
_SILENCE_SECONDS = 15.0


def files(directory: Path) -> Layout:
    """The files of the embedded AWS of a home directory."""
    return Layout(directory / "local")


def exists(layout: Layout) -> bool:
    """Whether this home directory has an embedded AWS, running or not."""
    return layout.root.exists()


def start(layout: Layout, port: int | None = None, lifeline: int | None = None) -> Running:
    """Returns the running embedded AWS; starts it, or waits for a start by another command.

    Args:
        layout: its files.
        port: its port; None for the port of the last run, or a free one.
        lifeline: the read end of a pipe; a server that this call starts ends when the pipe is closed.

    Raises:
        LocalError: it cannot start; the message says why.
    """
    found = running(layout)
    if found:
        return found
    if reason := disk.shortage(layout.root):
        raise LocalError(reason, Remedy.ROOM)
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
    """Detects within seconds that an embedded AWS hangs; an AWS client would wait a minute.

    Args:
        layout: its files.
        patience: seconds to wait for its answer.

    Raises:
        LocalError: it does not answer, and is neither starting nor ending.
    """
    if not running(layout, patience):
        _refuse_to_wait(layout)


def _refuse_to_wait(layout: Layout) -> None:
    """Raises an error if another server hangs, that is, neither starts nor ends."""
    other = silent(layout)
    if other and not other.doing:
        raise LocalError(f"the embedded AWS runs (process {other.pid}) and does not answer", Remedy.KILL)


def shortage(layout: Layout) -> str:
    """Why nothing more fits on the disk of the embedded AWS, in one line; empty if there is space."""
    return disk.shortage(layout.root)


@contextmanager
def deploying(layout: Layout) -> Iterator[None]:
    """Prevents other commands from deploying to the embedded AWS of this home directory meanwhile.

    Raises:
        LocalError: another one is deploying.
    """
    held = lock.acquire(layout.deploying)
    if held is None:
        raise LocalError(f"another command is deploying to the embedded AWS in {layout.root}", Remedy.WAIT)
    try:
        yield
    finally:
        os.close(held)


def _spawn(layout: Layout, port: int | None, lifeline: int | None = None) -> subprocess.Popen[bytes] | None:
    """Starts a server that holds the lock from the beginning; None if another one holds it.

    A server that starts is thus never hidden from `destroy`.
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
    """Why a server ended, and what to do about it.

    Args:
        layout: its files; the log may contain the reason.
        code: its exit code, negative for a signal.
    """
    lines = layout.log.read_text(errors="replace", encoding="utf-8").splitlines()
    for found in filter(None, map(fatal.read, reversed(lines))):
        return found
    ended = f"{signal.Signals(-code).name} ended it" if code < 0 else f"it ended with code {code}"
    return (lines or [f"{ended} before it wrote to its log"])[-1], None


def stop(
    layout: Layout,
    report: Callable[[str], None] = lambda _: None,
    patience: float = _STEP_SECONDS,
) -> bool:
    """Ends the embedded AWS and saves its state; False if none was running.

    Args:
        layout: its files.
        report: called with each step of the shutdown, in a few words.
        patience: seconds that a step may take.

    Raises:
        LocalError: it hangs in a step, or ignores the signal.
    """
    step, asked, was_there = "", None, False
    longest = min(patience, _SILENCE_SECONDS)
    deadline = time.monotonic() + longest
    while lock.is_held(layout.lock):
        was_there = True
        pid = holder(layout)
        if asked and pid and pid != asked:
            break  # it ended, and another command started the next one
        if pid and not asked:  # a server that was just started has no id yet
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
            asked = pid
        if (now := read_note(layout.stopping)) and now != step:
            step, longest, deadline = now, patience, time.monotonic() + patience
            report(step)
        if time.monotonic() > deadline:
            raise LocalError(
                f"the embedded AWS (process {pid}) does not end, after {longest:.0f} s of "
                f"{step or 'no answer'}",
                Remedy.KILL,
            )
        time.sleep(_POLL_SECONDS)
    return was_there


def kill(layout: Layout) -> int | None:
    """Kills the embedded AWS, found by its lock, with all its child processes.

    Returns:
        The id of the process, or None if none was running.
    """
    killed = None
    while lock.is_held(layout.lock):  # a server that was just started has no id yet
        if pid := holder(layout):
            killed = pid
            with suppress(ProcessLookupError):
                os.killpg(pid, signal.SIGKILL)  # its children are in its group
        time.sleep(_POLL_SECONDS)
    return killed


def destroy(layout: Layout) -> bool:
    """Kills the embedded AWS and deletes all its files; False if there were none.

    A graceful shutdown would only save state that is deleted next.
    """
    kill(layout)
    if not layout.root.exists():
        return False
    while layout.root.exists():
        try:
            shutil.rmtree(layout.root)
        except OSError as error:
            # A process that is being killed finishes its system call, which may create or remove a file.
            if error.errno not in {errno.ENOTEMPTY, errno.ENOENT}:
                raise
    return True


def keep_log(layout: Layout) -> Path | None:
    """Copies the log of the embedded AWS to a place that `destroy` leaves alone; None if there is no log."""
    if not layout.log.exists():
        return None
    descriptor, kept = tempfile.mkstemp(prefix="nrti-", suffix=".log")
    os.close(descriptor)
    return Path(shutil.copyfile(layout.log, kept))


def read_log(layout: Layout, lines: int, *, follow: bool) -> Iterator[str]:
    """The last lines of the log of the embedded AWS; with `follow`, without end."""
    return logfile.read(layout.log, lines, follow=follow)


def set_aside(layout: Layout) -> Path | None:
    """Ends the embedded AWS and moves its state aside, so that the next start begins anew.

    Returns:
        The new directory of the state, or None if there was no state.
    """
    stop(layout)
    if not layout.state.exists():
        return None
    aside = layout.root / f"state-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    layout.state.rename(aside)
    return aside

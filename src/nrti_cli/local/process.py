"""Starts, finds and stops the embedded AWS; all that the command line knows of it."""

from __future__ import annotations

import errno
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from nrti_cli.errors import NrtiError
from nrti_cli.local import lock, logfile
from nrti_cli.local.layout import Layout

_START_SECONDS = 60.0
#: What it does to end takes 15 s a step at most, and much longer on a machine that has much else to do.
_STEP_SECONDS = 60.0
_POLL_SECONDS = 0.02
#: The server's last words when it gives up; the rest of its log is for `nrti local logs`.
FATAL = "fatal: "


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


def files(directory: Path | None = None) -> Layout:
    """Where the embedded AWS of a home directory, nrti's by default, keeps its files."""
    return Layout(directory / "local") if directory else Layout.default()


def running(layout: Layout | None = None) -> Running | None:
    """The embedded AWS of this home directory, if it is alive and ready."""
    layout = layout or Layout.default()
    if not lock.is_held(layout.lock):
        return None
    try:
        facts = json.loads(layout.running.read_text())
        return Running(facts["endpoint_url"], facts["pid"], datetime.fromisoformat(facts["since"]))
    except (FileNotFoundError, ValueError, KeyError):
        return None


def exists(layout: Layout | None = None) -> bool:
    """Whether there is anything of an embedded AWS in this home directory, running or not."""
    return (layout or Layout.default()).root.exists()


def start(layout: Layout | None = None, port: int | None = None) -> Running:
    """Returns the embedded AWS, starting it if need be; a start that another command has begun is awaited.

    Args:
        layout: its files; None for those of nrti's home directory.
        port: where it shall listen; None for the port it had last, or a free one.

    Raises:
        NrtiError: it cannot start; the message has its own reason.
    """
    layout = layout or Layout.default()
    found = running(layout)
    if found:
        return found
    server = None
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        server = server or _spawn(layout, port)
        found = running(layout)
        if found:
            return replace(found, started=server is not None and found.pid == server.pid)
        if server and server.poll() is not None and not lock.is_held(layout.lock):
            raise NrtiError(f"the embedded AWS did not start: {_last_words(layout)}")
        time.sleep(_POLL_SECONDS)
    raise NrtiError(f"the embedded AWS is not ready after {_START_SECONDS:.0f} s", hint="see nrti local logs")


@contextmanager
def deploying(layout: Layout | None = None) -> Iterator[None]:
    """Keeps other commands from deploying to the embedded AWS of this home directory meanwhile.

    Raises:
        NrtiError: another one is at it.
    """
    layout = layout or Layout.default()
    held = lock.acquire(layout.deploying)
    if held is None:
        raise NrtiError(
            f"another nrti bootstrap is deploying to the embedded AWS in {layout.root}",
            hint="wait for it; running this again then tells what it has left to do",
        )
    try:
        yield
    finally:
        os.close(held)


def _spawn(layout: Layout, port: int | None) -> subprocess.Popen[bytes] | None:
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
        raise NrtiError(
            f"{layout.root} cannot be used ({error.strerror})", hint="set NRTI_HOME to another place"
        ) from error
    try:
        return subprocess.Popen(
            [sys.executable, "-m", "nrti_cli.local.server", str(layout.root), str(port or 0), str(held)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            cwd=layout.root,
            pass_fds=(held,),
        )
    finally:
        log.close()
        os.close(held)


def _last_words(layout: Layout) -> str:
    lines = layout.log.read_text(errors="replace").splitlines()
    fatal = [line.removeprefix(FATAL) for line in lines if line.startswith(FATAL)]
    return (fatal or lines or ["it said nothing"])[-1]


def stop(
    layout: Layout | None = None,
    tell: Callable[[str], None] = lambda _: None,
    patience: float = _STEP_SECONDS,
) -> bool:
    """Ends the embedded AWS gracefully, its state saved; False if none was running.

    Args:
        layout: its files; None for those of nrti's home directory.
        tell: is told each step on the way to its end, in a few words.
        patience: seconds that a step may take.

    Raises:
        NrtiError: it hangs in a step.
    """
    layout = layout or Layout.default()
    found = running(layout)
    if not found:
        return False
    os.kill(found.pid, signal.SIGTERM)
    step, deadline = "", time.monotonic() + patience
    while lock.is_held(layout.lock):
        if (now := _read(layout.stopping)) and now != step:
            step, deadline = now, time.monotonic() + patience
            tell(step)
        if time.monotonic() > deadline:
            raise NrtiError(
                f"the embedded AWS (process {found.pid}) does not end, after {patience:.0f} s of "
                f"{step or 'no answer'}",
                hint=f"kill -9 {found.pid} loses nothing that the API has accepted",
            )
        time.sleep(_POLL_SECONDS)
    return True


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except FileNotFoundError:
        return ""


def destroy(layout: Layout | None = None) -> bool:
    """Ends the embedded AWS and deletes all it ever kept; False if there was nothing.

    It ends at once: what it would work off and save would be deleted with it.
    """
    layout = layout or Layout.default()
    while lock.is_held(layout.lock):  # one that has only just been started is awaited
        if pid := lock.owner(layout.lock):
            with suppress(ProcessLookupError):
                os.killpg(pid, signal.SIGKILL)  # its children are in its group
        time.sleep(_POLL_SECONDS)
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


def read_log(lines: int, *, follow: bool) -> Iterator[str]:
    """The last lines of what the embedded AWS said; with `follow`, without end."""
    return logfile.read(Layout.default().log, lines, follow=follow)


def set_aside(layout: Layout | None = None) -> Path | None:
    """Ends the embedded AWS and moves its state away, so that the next start is a fresh one.

    Returns:
        Where the state is now, or None if there was none.
    """
    layout = layout or Layout.default()
    stop(layout)
    if not layout.state.exists():
        return None
    aside = layout.root / f"state-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    layout.state.rename(aside)
    return aside

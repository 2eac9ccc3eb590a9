"""The embedded AWS as a program in the foreground: started, shown and ended with a terminal."""

from __future__ import annotations

import os
import signal
import sys
import threading
from pathlib import Path
from typing import NoReturn

from nrti_local import process
from nrti_local.errors import LocalError, Remedy
from nrti_local.process import Layout, Running

_LOG_LINES = 1000


def run(home: Path, port: int | None) -> None:
    """Starts it and waits until it ends; Ctrl-C ends it.

    The server is a process of its own, so that Ctrl-C in a terminal does not reach it and its children all at
    once. It ends with this process, however this one ends.

    Args:
        home: the directory of its files.
        port: where it listens; None for the port of the last run, or a free one.

    Raises:
        LocalError: it cannot start, or ended by itself.
        KeyboardInterrupt: it was interrupted before it was ready.
    """
    layout = Layout(home)
    reading, writing = os.pipe()  # closed with this process
    try:
        server = process.start(layout, port, lifeline=reading)
        if not server.started:
            where = f"{server.endpoint_url} (process {server.pid})"
            raise LocalError(f"an embedded AWS already runs with {home}, at {where}", Remedy.PLACE)
        threading.Thread(target=_show_log, args=[layout], daemon=True).start()
        _announce(layout, server)
        _wait(layout, server)
    finally:
        os.close(reading)
        os.close(writing)


def _announce(layout: Layout, server: Running) -> None:
    for name, value in process.client_variables(server.endpoint_url).items():
        print(f"export {name}={value}")
    sys.stdout.flush()
    _say(f"ready at {server.endpoint_url}, state in {layout.root}; Ctrl-C ends it")


def _wait(layout: Layout, server: Running) -> None:
    """Waits until the server has ended, and ends it at an interrupt."""
    try:
        _, status = os.waitpid(server.pid, 0)
    except KeyboardInterrupt:
        _stop(layout)
        return
    code = os.waitstatus_to_exitcode(status)
    if code:
        _explain(code)
    _say("stopped by another command")


def _explain(code: int) -> NoReturn:
    if code < 0:
        raise LocalError(f"the embedded AWS is gone: {signal.Signals(-code).name} ended it")
    raise LocalError(f"the embedded AWS ended with code {code}", Remedy.LOG)


def _stop(layout: Layout) -> None:
    """Ends the server gracefully; a second interrupt kills it."""
    _say("stopping; Ctrl-C again ends it at once, and keeps what the API has accepted")
    try:
        process.stop(layout, report=_say)
    except KeyboardInterrupt:
        process.kill(layout)
    _say("stopped")


def _show_log(layout: Layout) -> None:
    for line in process.read_log(layout, _LOG_LINES, follow=True):
        print(line, end="", file=sys.stderr, flush=True)


def _say(text: str) -> None:
    print(f"nrti_local: {text}", file=sys.stderr, flush=True)

"""The command line, run by forks of a process that has loaded it: most of a command's time is loading.

Each is a process of its own all the same, with arguments, environment, directory, streams and exit code.
How the installed command starts is what the tests that run `NRTI` see.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from multiprocessing import get_context
from multiprocessing.connection import wait
from pathlib import Path
from threading import Lock
from typing import NoReturn

_CONTEXT = get_context("forkserver")
_CONTEXT.set_forkserver_preload(["nrti_cli.main", "tests.local.preloaded"])
#: To start a process is to read the exit codes of all that have ended; two threads must not read the same.
_EXIT_CODES = Lock()


def nrti(
    *arguments: str,
    cwd: Path,
    env: dict[str, str],
    timeout: float = 120,
    prepare: Callable[[], None] | None = None,
    input: str = "",  # noqa: A002 (as `subprocess.run` calls it)
) -> subprocess.CompletedProcess[str]:
    """Runs a command to its end.

    Args:
        arguments: of the command line.
        cwd: its directory.
        env: its whole environment.
        timeout: in seconds; then it is killed.
        prepare: is called in the process before the command; it must be picklable.
        input: what it reads from stdin, as from a file.

    Raises:
        subprocess.TimeoutExpired: it does not end in time.
    """
    with tempfile.TemporaryDirectory() as place:
        source, out, err = (Path(place, name) for name in ("in", "out", "err"))
        source.write_text(input)
        process = _CONTEXT.Process(target=_run, args=(arguments, cwd, env, (source, out, err), prepare))
        with _EXIT_CODES:
            process.start()
        wait([process.sentinel], timeout)
        with _EXIT_CODES:
            code = process.exitcode
        if code is None:
            process.kill()
            raise subprocess.TimeoutExpired(arguments, timeout, out.read_bytes(), err.read_bytes())
        # A limit on the size of files may have cut the output within a character.
        said = (stream.read_text(errors="replace") for stream in (out, err))
        return subprocess.CompletedProcess(arguments, code, *said)


def _run(
    arguments: tuple[str, ...],
    cwd: Path,
    env: dict[str, str],
    streams: tuple[Path, Path, Path],
    prepare: Callable[[], None] | None,
) -> NoReturn:
    os.environ.clear()
    os.environ.update(env)
    os.chdir(cwd)
    sys.argv = ["nrti", *arguments]
    for number, path in enumerate(streams):
        os.dup2(os.open(path, os.O_RDWR | os.O_CREAT), number)
    sys.stdin = os.fdopen(0, closefd=False)
    sys.stdout, sys.stderr = (os.fdopen(number, "w", closefd=False) for number in (1, 2))

    if prepare:
        prepare()

    from nrti_cli.main import run

    run()

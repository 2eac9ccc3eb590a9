"""The operating system's side of a worker: its process."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import IO

from nrti_local.lambda_ import environment
from nrti_local.lambda_.functions import Function
from nrti_local.lambda_.package import Package

#: How long a process may take to end when it was asked to, or has closed its pipes.
_GRACE_SECONDS = 2.0


def spawn(
    function: Function, package: Package, log: Path
) -> tuple[subprocess.Popen[bytes], IO[bytes], IO[bytes]]:
    """Starts a process that imports the function's handler.

    It leads a process group, so that what it starts can be killed with it.

    Args:
        function: has the configuration.
        package: has the code.
        log: the file for what it prints.

    Returns:
        The process, and the pipes of its standard input and output.
    """
    process = subprocess.Popen(
        # -P: the module's own directory is no place to look for the function's imports.
        [sys.executable, "-P", "-m", "nrti_local.lambda_.runtime", str(log), str(package.layers)],
        cwd=package.code,
        env=environment.variables(function, package),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        process_group=0,
    )
    if process.stdin is None or process.stdout is None:
        raise AssertionError("both are pipes")
    return process, process.stdin, process.stdout


def kill(process: subprocess.Popen[bytes]) -> int:
    """Kills a process and those that it has started, and returns its exit status."""
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    return process.wait()


def end(process: subprocess.Popen[bytes]) -> int:
    """Asks a process to end, and kills it if it does not; returns its exit status."""
    process.terminate()
    return exit_status(process)


def exit_status(process: subprocess.Popen[bytes]) -> int:
    """Waits for a process that is ending; kills it if it takes too long."""
    with contextlib.suppress(subprocess.TimeoutExpired):
        return process.wait(_GRACE_SECONDS)
    return kill(process)

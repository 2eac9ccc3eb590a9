"""Runs a training command in a new process group, with a time limit."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from nrti_local.sagemaker import lines

#: Between SIGTERM and SIGKILL. AWS waits two minutes, which is long for a local test.
_GRACE_SECONDS = 10.0


class Ending(Enum):
    """Why a command ended."""

    EXITED = "exited"
    STOPPED = "stopped"
    OVERTIME = "time limit exceeded"


@dataclass(frozen=True)
class Command:
    """A command and where it runs."""

    words: Sequence[str]
    environment: Mapping[str, str]
    directory: Path


async def execute(
    command: Command, write: Callable[[str], None], stop: asyncio.Event, seconds: float
) -> tuple[Ending, int]:
    """Runs a command to its end.

    Args:
        command: what to run.
        write: receives each line of its output.
        stop: set to end the command.
        seconds: the time limit.

    Returns:
        Why it ended, and its exit status.
    """
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", "nrti_local.sagemaker.training.launch", *command.words),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env=command.environment,
        cwd=command.directory,
        start_new_session=True,
    )
    assert process.stdout is not None  # noqa: S101 - it is a pipe
    reader = asyncio.create_task(lines.follow(process.stdout, write))
    try:
        ending = await _ending(process, stop, seconds)
    finally:
        _signal(process, signal.SIGKILL)  # remaining children would keep the pipe open
        await reader
    return ending, await process.wait()


async def _ending(process: asyncio.subprocess.Process, stop: asyncio.Event, seconds: float) -> Ending:
    ended = asyncio.create_task(process.wait())
    stopped = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({ended, stopped}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        if ended.done():
            return Ending.EXITED
        _signal(process, signal.SIGTERM)
        await asyncio.wait({ended}, timeout=_GRACE_SECONDS)
        return Ending.STOPPED if stop.is_set() else Ending.OVERTIME
    finally:
        ended.cancel()
        stopped.cancel()


def _signal(process: asyncio.subprocess.Process, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, number)

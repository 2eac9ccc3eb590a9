"""Keeps the child processes of the embedded AWS alive: the SageMaker and the delivery bridge."""

from __future__ import annotations

import asyncio
import logging
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field

from nrti_local.server.backoff import Backoff

_logger = logging.getLogger(__name__)
_STOP_SECONDS = 15.0
#: A child that was called asks again by itself after as long.
_BETWEEN_CALLS_SECONDS = 0.25


@dataclass
class Child:
    """A Python module that runs as a process of its own and is started again when it dies.

    Its stdin is a pipe: what comes there calls it, and end of file there tells it that this process has gone,
    however it went.

    Attributes:
        module: its name.
        environment: what it has in its environment beside what this process has.
    """

    module: str
    environment: Mapping[str, str] = field(default_factory=dict)
    _process: asyncio.subprocess.Process | None = field(default=None, init=False)
    _keeper: asyncio.Task[None] | None = field(default=None, init=False)
    _loop: asyncio.AbstractEventLoop = field(init=False)
    _calling: bool = field(default=False, init=False)

    def start(self) -> None:
        """Starts the child and the task that keeps it."""
        self._loop = asyncio.get_running_loop()
        self._keeper = asyncio.create_task(self._keep())

    async def _keep(self) -> None:
        backoff = Backoff()
        while True:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                self.module,
                stdin=subprocess.PIPE,
                env={**os.environ, **self.environment},
            )
            born = asyncio.get_running_loop().time()
            status = await self._process.wait()
            wait = backoff.after(asyncio.get_running_loop().time() - born)
            _logger.error("%s ended with %s; it starts again in %.1f s", self.module, status, wait)
            await asyncio.sleep(wait)

    def call(self) -> None:
        """Wakes the child up soon, once for many calls; from any thread."""
        if not self._calling:
            self._calling = True
            self._loop.call_soon_threadsafe(self._call)

    def _call(self) -> None:
        self._loop.call_later(_BETWEEN_CALLS_SECONDS, self._call_again)
        process = self._process
        if process and process.stdin and process.returncode is None and not process.stdin.is_closing():
            process.stdin.write(b"\n")

    def _call_again(self) -> None:
        self._calling = False

    async def stop(self) -> None:
        """Asks the child to end and waits; it is killed when it does not."""
        if self._keeper:
            self._keeper.cancel()
        if self._process is None or self._process.returncode is not None:
            return
        self._process.terminate()
        try:
            await asyncio.wait_for(self._process.wait(), _STOP_SECONDS)
        except TimeoutError:
            _logger.warning("%s did not end in %.0f s and is killed", self.module, _STOP_SECONDS)
            self._process.kill()

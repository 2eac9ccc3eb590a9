"""Keeps the child processes of the embedded AWS running: SageMaker and the delivery."""

from __future__ import annotations

import asyncio
import logging
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field

from nrti_local.server.processes.backoff import Backoff

_logger = logging.getLogger(__name__)
_STOP_SECONDS = 15.0
#: A child checks again by itself after this time, so that one notice is enough for it.
_BETWEEN_NOTICES_SECONDS = 0.25


@dataclass
class Child:
    """A Python module that runs as a process of its own and is started again when it dies.

    Its stdin is a pipe: a byte there notifies it, and end of file shows that this process has ended, for
    whatever reason.

    Attributes:
        module: its name.
        environment: variables beside those of this process.
    """

    module: str
    environment: Mapping[str, str] = field(default_factory=dict)
    _process: asyncio.subprocess.Process | None = field(default=None, init=False)
    _keeper: asyncio.Task[None] | None = field(default=None, init=False)
    _loop: asyncio.AbstractEventLoop = field(init=False)
    _notified: bool = field(default=False, init=False)

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

    def notify(self) -> None:
        """Notifies the child soon, once for many calls; safe to call from any thread."""
        if not self._notified:
            self._notified = True
            self._loop.call_soon_threadsafe(self._send_notice)

    def _send_notice(self) -> None:
        self._loop.call_later(_BETWEEN_NOTICES_SECONDS, self._allow_notice)
        process = self._process
        if process and process.stdin and process.returncode is None and not process.stdin.is_closing():
            process.stdin.write(b"\n")

    def _allow_notice(self) -> None:
        self._notified = False

    async def stop(self) -> None:
        """Asks the child to end and waits; kills it if it does not."""
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

"""A supervised worker process."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from nrti_local.sagemaker import lines
from nrti_local.sagemaker.serving.connection import Connection, Message
from nrti_local.sagemaker.serving.errors import ModelTimeoutError, NotReadyError, ReplicaError
from nrti_local.server.processes.backoff import Backoff

INVOCATION_SECONDS = 60.0
_READY_SECONDS = 10.0
_STOP_SECONDS = 3.0


class Replica:
    """A worker process that is restarted when it dies, with increasing delays.

    Args:
        environment: the worker's environment.
        directory: the worker's working directory, with the script.
        write: receives each line of its output.
    """

    def __init__(self, environment: Mapping[str, str], directory: Path, write: Callable[[str], None]) -> None:
        self._environment = environment
        self._directory = directory
        self._write = write
        self._turn = asyncio.Lock()
        self._ready = asyncio.Event()
        self._keeper: asyncio.Task[None] | None = None
        self._process: asyncio.subprocess.Process | None = None
        self._connection: Connection | None = None
        self._output: asyncio.Task[None] | None = None

    async def start(self, seconds: float) -> None:
        """Starts the worker and waits until its model is loaded.

        Raises:
            ReplicaError: the worker ended, or was not ready in time.
        """
        try:
            await asyncio.wait_for(self._launch(), seconds)
        except TimeoutError:
            raise ReplicaError(f"the model was not loaded in {seconds:.0f} s") from None
        finally:
            if not self._ready.is_set():
                await self._end()
        self._keeper = asyncio.create_task(self._keep())

    async def ask(self, header: dict[str, Any], body: bytes, seconds: float = INVOCATION_SECONDS) -> Message:
        """Sends a request to the model; `seconds` limits the wait in the queue, and the wait for the answer.

        Raises:
            NotReadyError: the worker is being restarted and is not ready in time.
            ModelTimeoutError: a time limit was exceeded.
            ReplicaError: the worker died during the request.
        """
        try:
            async with asyncio.timeout(seconds):
                await self._turn.acquire()
        except TimeoutError:
            raise ModelTimeoutError from None
        try:
            connection = await self._connected()
            async with asyncio.timeout(seconds):
                return await connection.ask(header, body)
        except TimeoutError:
            self._kill()  # the only way to end a model that hangs
            raise ModelTimeoutError from None
        finally:
            self._turn.release()

    async def stop(self) -> None:
        """Ends the worker without a restart."""
        if self._keeper:
            self._keeper.cancel()
        await self._end()

    async def _connected(self) -> Connection:
        if not self._ready.is_set():
            try:
                await asyncio.wait_for(self._ready.wait(), _READY_SECONDS)
            except TimeoutError:
                raise NotReadyError from None
        assert self._connection is not None  # noqa: S101 - `ready` implies it
        return self._connection

    async def _launch(self) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = await asyncio.create_subprocess_exec(
                *(
                    sys.executable,
                    "-P",
                    "-m",
                    "nrti_local.sagemaker.serving.worker",
                    str(theirs.fileno()),
                ),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
                env=self._environment,
                cwd=self._directory,
                pass_fds=[theirs.fileno()],
            )
        assert self._process.stdout is not None  # noqa: S101 - it is a pipe
        self._output = asyncio.create_task(lines.follow(self._process.stdout, self._write))
        _, self._connection = await asyncio.get_running_loop().create_unix_connection(Connection, sock=ours)
        await self._connection.ready()
        self._ready.set()

    async def _keep(self) -> None:
        backoff = Backoff()
        while True:
            alive_since = time.monotonic()
            if self._connection:
                await self._connection.lost.wait()
            self._ready.clear()
            await self._end()
            wait = backoff.after(time.monotonic() - alive_since)
            self._write(f"the worker ended; another starts in {wait:.1f} s")
            await asyncio.sleep(wait)
            with contextlib.suppress(ReplicaError):
                await self._launch()

    async def _end(self) -> None:
        """Ends the worker: closes its socket, and kills it if it does not exit."""
        if self._connection:
            self._connection.close()
        if self._process is None or self._output is None:
            return
        try:
            await asyncio.wait_for(self._process.wait(), _STOP_SECONDS)
        except TimeoutError:
            self._kill()
            await self._process.wait()
        with contextlib.suppress(TimeoutError):  # a child of the worker may hold the pipe open
            await asyncio.wait_for(self._output, 1)

    def _kill(self) -> None:
        if self._process and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()

"""A worker: a process that has imported a function's handler, and how an invocation in it can end."""

from __future__ import annotations

import asyncio
import subprocess
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import count

from nrti_local.lambda_ import failures, process
from nrti_local.lambda_.channel import Channel
from nrti_local.lambda_.functions import Function
from nrti_local.lambda_.invocation import Answer, Invocation
from nrti_local.lambda_.package import Package

#: What the import of a handler may take beyond the function's timeout; AWS's limit.
_INIT_SECONDS = 10.0
_numbers = count(1)
#: Starts the processes: Linux ends a process with the thread that started it, and these threads stay.
_starting = ThreadPoolExecutor(4, thread_name_prefix="lambda-start")


class _InitError(Exception):
    """The handler cannot be imported; the argument is the answer that says why."""


class Worker:
    """Executes one invocation at a time; the first one starts the process.

    Args:
        function: that it executes.
        unpack: returns the function's code; it may block.
    """

    def __init__(self, function: Function, unpack: Callable[[], Package]) -> None:
        self._function = function
        self._unpack = unpack
        self._number = next(_numbers)
        self._process: subprocess.Popen[bytes] | None = None
        self._channel: Channel | None = None
        #: When it was last released, by the monotonic clock.
        self.idle_since = 0.0

    async def invoke(self, invocation: Invocation) -> Answer:
        """Has the handler answer an invocation."""
        began = time.perf_counter()
        failed, line = True, ""
        try:
            channel = await self._running()
            began = time.perf_counter()
            failed, payload = await self._ask(channel, invocation)
        except _InitError as error:
            payload = error.args[0]
        except TimeoutError:
            await asyncio.to_thread(self._kill)
            payload, line = failures.timed_out(invocation.request_id, self._function.timeout)
        except EOFError:
            status = await asyncio.to_thread(self._exit_status)
            payload, line = failures.exited(invocation.request_id, status)
        except asyncio.CancelledError:
            self._kill()  # its answer must not be taken for that of the next invocation
            raise
        seconds = time.perf_counter() - began
        printed = self._channel.log() if self._channel else ""
        return Answer(payload, failed, "\n".join(filter(None, (printed, line))), seconds)

    def end(self) -> None:
        """Ends the process; it may take a moment."""
        if self._process:
            process.end(self._process)

    async def _running(self) -> Channel:
        if self._process is None or self._channel is None or self._process.poll() is not None:
            return await self._start()
        return self._channel

    async def _start(self) -> Channel:
        """Starts the process and waits until it has imported the handler."""
        self._process, channel = await asyncio.get_running_loop().run_in_executor(_starting, self._spawn)
        self._channel = channel
        async with asyncio.timeout(_INIT_SECONDS + self._function.timeout):
            header, answer = await channel.receive()
        if header["failed"]:
            await asyncio.to_thread(self._exit_status)
            raise _InitError(answer)
        return channel

    def _spawn(self) -> tuple[subprocess.Popen[bytes], Channel]:
        package = self._unpack()
        log = package.directory / f"log-{self._number}"
        log.unlink(missing_ok=True)
        started, requests, answers = process.spawn(self._function, package, log)
        return started, Channel(requests, answers, log)

    async def _ask(self, channel: Channel, invocation: Invocation) -> tuple[bool, bytes]:
        header = {
            "arn": invocation.arn,
            "request_id": invocation.request_id,
            "trace_id": invocation.trace_id,
            "deadline": time.time() + self._function.timeout,
        }
        async with asyncio.timeout(self._function.timeout):
            answer, payload = await channel.ask(header, invocation.payload)
        return answer["failed"], payload

    def _kill(self) -> None:
        if self._process:
            process.kill(self._process)

    def _exit_status(self) -> int:
        return process.exit_status(self._process) if self._process else 0

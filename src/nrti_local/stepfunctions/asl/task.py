"""The Task state: one call of a service."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from nrti_local.stepfunctions.asl.attempts import AttemptState
from nrti_local.stepfunctions.asl.context import Frame, Reply
from nrti_local.stepfunctions.asl.errors import TIMEOUT, StateError
from nrti_local.stepfunctions.asl.paths import path
from nrti_local.stepfunctions.asl.state import Definition, read, whole_seconds


class Task(AttemptState):
    """Calls a service, for as long as its timeout allows.

    HeartbeatSeconds is taken and has no effect: only activities and tasks with a token send heartbeats, and
    EXPRESS workflows have neither.
    """

    def __init__(self, name: str, definition: Definition) -> None:
        super().__init__(name, definition)
        self._resource: str = definition["Resource"]
        self._seconds = definition.get("TimeoutSeconds")
        text = definition.get("TimeoutSecondsPath")
        self._seconds_path = None if text is None else path(text)

    async def attempt(self, effective: Any, frame: Frame) -> Reply:
        """Calls the service once."""
        seconds = self._timeout(effective, frame)
        environment, request = frame.environment, self.arguments(effective, frame)
        call = environment.invoke(self._resource, request, environment.paused)
        return await (call if seconds is None else _within(seconds, call))

    def _timeout(self, effective: Any, frame: Frame) -> int | None:
        if self._seconds_path:
            value = read(self._seconds_path, "TimeoutSecondsPath", effective, frame)
            return whole_seconds(value, "TimeoutSecondsPath")
        return None if self._seconds is None else whole_seconds(self._seconds, "TimeoutSeconds")


async def _within(seconds: int, call: Coroutine[Any, Any, Reply]) -> Reply:
    """Waits only so long for a call, which goes on meanwhile: on AWS nothing ends it either."""
    task = asyncio.create_task(call)
    _abandoned.add(task)
    task.add_done_callback(_done)
    done, _ = await asyncio.wait([task], timeout=seconds)
    if not done:
        raise StateError(TIMEOUT, f"The task did not end within {seconds} seconds")
    return task.result()


#: The calls that go on; a loop itself holds no task.
_abandoned: set[asyncio.Task[Reply]] = set()


def _done(task: asyncio.Task[Reply]) -> None:
    _abandoned.discard(task)
    if not task.cancelled():
        task.exception()  # nothing waits for it any more

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
        self._events = _Events(self._resource)
        self._seconds = definition.get("TimeoutSeconds")
        text = definition.get("TimeoutSecondsPath")
        self._seconds_path = None if text is None else path(text)

    async def attempt(self, effective: Any, frame: Frame) -> Reply:
        """Calls the service once."""
        seconds = self._timeout(effective, frame)
        environment, request = frame.environment, self.arguments(effective, frame)
        call = environment.invoke(self._resource, request, environment.paused)
        self._events.begin(frame, request, seconds)
        try:
            reply = await (call if seconds is None else _within(seconds, call))
        except StateError as error:
            self._events.fail(frame, error)
            raise
        self._events.succeed(frame, reply)
        return reply

    def _timeout(self, effective: Any, frame: Frame) -> int | None:
        if self._seconds_path:
            value = read(self._seconds_path, "TimeoutSecondsPath", effective, frame)
            return whole_seconds(value, "TimeoutSecondsPath")
        return None if self._seconds is None else whole_seconds(self._seconds, "TimeoutSeconds")


class _Events:
    """The events of calls in the history of an execution.

    Args:
        resource: of the task; the ARN of a function has events of its own.
    """

    def __init__(self, resource: str) -> None:
        integration = resource.rpartition(":states:::")[2] if ":states:::" in resource else ""
        kind, _, action = integration.rpartition(":")
        self._prefix = "Task" if integration else "LambdaFunction"
        self._names = {"resource": action, "resourceType": kind} if integration else {}
        self._function = {} if integration else {"resource": resource}

    def begin(self, frame: Frame, request: Any, seconds: int | None) -> None:
        limit = {} if seconds is None else {"timeoutInSeconds": seconds}
        given = {"input": request, **self._function} if self._function else {"parameters": request}
        self._record(frame, "Scheduled", **given, **limit)
        self._record(frame, "Started")

    def succeed(self, frame: Frame, reply: Reply) -> None:
        self._record(frame, "Succeeded", output=reply.value)

    def fail(self, frame: Frame, error: StateError) -> None:
        how = "TimedOut" if error.error == TIMEOUT else "Failed"
        self._record(frame, how, error=error.error, cause=error.cause)

    def _record(self, frame: Frame, how: str, **details: Any) -> None:
        frame.record(f"{self._prefix}{how}", **details, **self._names)


async def _within(seconds: int, call: Coroutine[Any, Any, Reply]) -> Reply:
    """Waits only so long for a call, which goes on meanwhile: on AWS nothing ends it either.

    Raises:
        StateError: the time is over; AWS gives no cause.
    """
    task = asyncio.create_task(call)
    _abandoned.add(task)
    task.add_done_callback(_done)
    done, _ = await asyncio.wait([task], timeout=seconds)
    if not done:
        raise StateError(TIMEOUT)
    return task.result()


#: The calls that go on; a loop itself holds no task.
_abandoned: set[asyncio.Task[Reply]] = set()


def _done(task: asyncio.Task[Reply]) -> None:
    _abandoned.discard(task)
    if not task.cancelled():
        task.exception()  # nothing waits for it any more

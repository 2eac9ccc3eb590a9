"""States whose failures Retry and Catch handle: Task, Map and Parallel."""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from typing import Any

from nrti_local.stepfunctions.asl.context import Frame, Reply
from nrti_local.stepfunctions.asl.errors import StateError
from nrti_local.stepfunctions.asl.limits import UNKNOWN, check
from nrti_local.stepfunctions.asl.retry import Catcher, Retrier, Retries, catcher
from nrti_local.stepfunctions.asl.state import Definition, ResultState, Step, UnsupportedError


class AttemptState(ResultState):
    """A state that is tried again, and whose error may lead to another state."""

    def __init__(self, name: str, definition: Definition, parameters: str = "Parameters") -> None:
        super().__init__(name, definition, parameters)
        if any("Assign" in each for each in definition.get("Catch", [])):
            raise UnsupportedError(name)
        self._retriers = tuple(map(Retrier.of, definition.get("Retry", [])))
        self._catchers = tuple(map(Catcher.of, definition.get("Catch", [])))

    @abstractmethod
    async def attempt(self, effective: Any, frame: Frame) -> Reply:
        """Makes one attempt.

        Args:
            effective: the input after InputPath.
            frame: the run.

        Raises:
            StateError: it failed.
        """

    async def run(self, data: Any, frame: Frame) -> Step:
        """Makes attempts as often as Retry allows, and then goes where Catch leads."""
        retries, size = Retries(self._retriers), frame.size
        while True:
            try:
                reply = await self.attempt(self.effective_input(data, frame), frame)
                return self.merged(data, reply.value, reply.size, frame), self.next
            except StateError as error:
                error.at(self.name)
                frame.size = size
                delay = retries.delay(error.error)
                if delay is None:
                    return self._caught(data, frame, error)
            async with frame.environment.paused():
                await asyncio.sleep(delay)
            frame.retried(retries.total)

    def _caught(self, data: Any, frame: Frame, error: StateError) -> Step:
        handler = catcher(self._catchers, error.error)
        if handler is None:
            raise error
        output = handler.output(data, error)
        frame.size = check(output, UNKNOWN, "output of the state")
        return output, handler.following

"""The context object (`$$`), and what a run of states carries along."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Coroutine
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, NamedTuple

from nrti_local.stepfunctions.asl import timestamps
from nrti_local.stepfunctions.asl.limits import UNKNOWN

#: What the context object adds to the input of the execution, in bytes at most.
_CONTEXT_BYTES = 4_096


class Reply(NamedTuple):
    """The result of a task.

    Attributes:
        value: the result.
        size: an upper bound of its size, in bytes of JSON.
    """

    value: Any
    size: float = UNKNOWN


#: Lets other executions run for as long as the block takes.
Paused = Callable[[], AbstractAsyncContextManager[Any]]
#: From the effective input of a task to its result.
Call = Callable[[Any, Paused], Coroutine[Any, Any, Reply]]
#: Carries a task out: from its resource and its effective input to its result. What takes long it pauses for.
Invoke = Callable[[str, Any, Paused], Coroutine[Any, Any, Reply]]


#: Adds an event to the history of an execution, from its kind, the number of the event before it in its
#: branch, and its details; returns its number.
Record = Callable[[str, int, dict[str, Any]], int]


@dataclass(frozen=True)
class Environment:
    """What the interpreter runs in.

    Attributes:
        invoke: carries a task out, and raises StateError if it fails.
        paused: wraps waits.
        record: adds to the history; None if nothing wants it.
    """

    invoke: Invoke
    paused: Paused = contextlib.nullcontext
    record: Record | None = None


@dataclass
class Frame:
    """A run of the states of a machine, of a branch, or of an iteration.

    Attributes:
        environment: what it runs in.
        context: the context object.
        size: an upper bound of the size of the current data.
        context_size: the same of the context object.
        last: the number of the latest event in its history.
    """

    environment: Environment
    context: dict[str, Any]
    size: float
    context_size: float
    last: int = 0

    def record(self, kind: str, **details: Any) -> None:
        """Adds an event to the history."""
        if self.environment.record:
            self.last = self.environment.record(kind, self.last, details)

    def enter(self, name: str) -> None:
        """Notes in the context object that a state is entered."""
        self.context["State"] = {"Name": name, "EnteredTime": timestamps.now(), "RetryCount": 0}

    def retried(self, count: int) -> None:
        """Notes how often the state was retried."""
        self.context["State"] = {**self.context["State"], "RetryCount": count}

    def child(self, size: float, **context: Any) -> Frame:
        """The frame of a branch or an iteration, with more members in the context object.

        The parent's turn is given away meanwhile, so a child does not give it away again.
        """
        environment = Environment(self.environment.invoke, record=self.environment.record)
        return Frame(environment, {**self.context, **context}, size, self.context_size + size, self.last)


def frame(environment: Environment, context: dict[str, Any], size: float) -> Frame:
    """The frame of an execution.

    Args:
        environment: what it runs in.
        context: the context object, but for `State`.
        size: of the input, in bytes of JSON.
    """
    return Frame(environment, context, size, size + _CONTEXT_BYTES)

"""Parallel and Map: states that run other states, several at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from nrti_local.stepfunctions.asl.attempts import AttemptState
from nrti_local.stepfunctions.asl.context import Frame, Reply
from nrti_local.stepfunctions.asl.errors import RUNTIME, EvaluationError, StateError
from nrti_local.stepfunctions.asl.limits import check
from nrti_local.stepfunctions.asl.paths import path
from nrti_local.stepfunctions.asl.state import Definition, UnsupportedError, read

#: Runs the states of a branch: from its definition to a function of input and frame.
Compile = Callable[[Definition], Callable[[Any, Frame], Awaitable[Any]]]

#: How many iterations of an inline map run at once, whatever MaxConcurrency says.
_MOST_AT_ONCE = 40


class _Branching(AttemptState):
    """Runs other states in frames of their own."""

    async def _together(
        self, runs: Iterable[Awaitable[Any]], frame: Frame, frames: list[Frame], at_once: int
    ) -> list[Any]:
        """Runs coroutines, so many at a time, and adds to the history how they end."""
        how = "Failed"
        try:
            results = await _run_together(runs, at_once)
            how = "Succeeded"
        finally:
            frame.last = max([frame.last, *(child.last for child in frames)])
            frame.record(f"{self.kind}State{how}")
        return results


class Parallel(_Branching):
    """Runs its branches at the same time, each with the state's input."""

    def __init__(self, name: str, definition: Definition, compile_branch: Compile) -> None:
        super().__init__(name, definition)
        self._branches = [compile_branch(branch) for branch in definition["Branches"]]

    async def attempt(self, effective: Any, frame: Frame) -> Reply:
        """Returns the outputs of the branches, in their order."""
        given = self.arguments(effective, frame)
        size = check(given, self._bound(frame), "input of the state")
        frame.record("ParallelStateStarted")
        frames = [frame.child(size) for _ in self._branches]
        runs = (branch(given, child) for branch, child in zip(self._branches, frames, strict=True))
        async with frame.environment.paused():
            results = await self._together(runs, frame, frames, len(frames))
        return Reply(results, _total(frames))

    def _bound(self, frame: Frame) -> float:
        return self._parameters.bound(frame.size, frame.context_size) if self._parameters else frame.size


class Map(_Branching):
    """Runs the same states for each item of an array."""

    def __init__(self, name: str, definition: Definition, compile_branch: Compile) -> None:
        processor = definition.get("ItemProcessor") or definition["Iterator"]
        if processor.get("ProcessorConfig", {}).get("Mode", "INLINE") != "INLINE":
            raise UnsupportedError(name)
        selector = "ItemSelector" if "ItemSelector" in definition else "Parameters"
        super().__init__(name, definition, selector)
        self._items_path = path(definition.get("ItemsPath", "$"))
        self._run = compile_branch(processor)
        self._at_once = definition.get("MaxConcurrency", 0)
        text = definition.get("MaxConcurrencyPath")
        self._at_once_path = None if text is None else path(text)

    async def attempt(self, effective: Any, frame: Frame) -> Reply:
        """Returns the outputs of the iterations, in the order of the items."""
        items = read(self._items_path, "ItemsPath", effective, frame)
        if not isinstance(items, list):
            raise EvaluationError(
                RUNTIME,
                f"The ItemsPath '{self._items_path.text}' must lead to an array, not {type(items).__name__}",
            )
        frame.record("MapStateStarted", length=len(items))
        frames = [
            frame.child(frame.size, Map={"Item": {"Index": index, "Value": item}})
            for index, item in enumerate(items)
        ]
        runs = (self._recorded(effective, child) for child in frames)
        async with frame.environment.paused():
            results = await self._together(runs, frame, frames, self._concurrency(effective, frame))
        return Reply(results, _total(frames))

    async def _recorded(self, effective: Any, child: Frame) -> Any:
        """An iteration, with its begin and its end in the history."""
        which = {"name": self.name, "index": child.context["Map"]["Item"]["Index"]}
        child.record("MapIterationStarted", **which)
        try:
            result = await self._iteration(effective, child)
        except StateError:
            child.record("MapIterationFailed", **which)
            raise
        except asyncio.CancelledError:
            child.record("MapIterationAborted", **which)
            raise
        child.record("MapIterationSucceeded", **which)
        return result

    async def _iteration(self, effective: Any, child: Frame) -> Any:
        item = child.context["Map"]["Item"]["Value"]
        if self._parameters:
            item = self._parameters.evaluate(effective, child.context)
            bound = self._parameters.bound(child.size, child.context_size)
            child.size = check(item, bound, "input of the iteration")
        return await self._run(item, child)

    def _concurrency(self, effective: Any, frame: Frame) -> int:
        at_once = self._at_once
        if self._at_once_path:
            at_once = read(self._at_once_path, "MaxConcurrencyPath", effective, frame)
        if isinstance(at_once, bool) or not isinstance(at_once, int) or at_once < 0:
            raise EvaluationError(RUNTIME, f"MaxConcurrency must be a whole number, not {at_once!r}")
        return min(at_once or _MOST_AT_ONCE, _MOST_AT_ONCE)


async def _run_together(runs: Iterable[Awaitable[Any]], at_once: int) -> list[Any]:
    """Runs coroutines, so many at a time; the first that fails ends the others."""
    limit = asyncio.Semaphore(at_once)

    async def limited(run: Awaitable[Any]) -> Any:
        async with limit:
            return await run

    tasks = [asyncio.ensure_future(limited(run)) for run in runs]
    try:
        return list(await asyncio.gather(*tasks))
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _total(frames: list[Frame]) -> float:
    return sum(frame.size for frame in frames) + 2 + len(frames)

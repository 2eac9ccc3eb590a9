"""Runs the state machines on a fake clock, with scripted services behind them."""

from __future__ import annotations

import asyncio
import copy
import inspect
import itertools
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from nrti_cli.assets import asset
from nrti_local.stepfunctions.asl.context import Environment, Paused, Reply
from nrti_local.stepfunctions.asl.errors import StateError
from nrti_local.stepfunctions.asl.machine import Machine
from tests import virtual_time

#: Answers a request, at once or as a coroutine.
Service = Callable[[dict[str, Any]], Any]

#: What the context object has of an execution, beside its input.
EXECUTION = {"Id": "e", "Name": "n", "StartTime": "2026-11-28T00:00:00.000Z"}
#: What Step Functions passes to a state or a service at most.
STATE_BYTES = 262_144
#: How much of it the API's template keeps free.
RESERVED_BYTES = 512


def definition(name: str) -> dict[str, Any]:
    known = {"Table": "t", "Partition": "aws", "ArtifactsBucket": "b"}
    text = asset(f"asl/{name}.asl.json").read_text()
    filled: dict[str, Any] = json.loads(
        re.sub(r"\$\{(\w+)\}", lambda found: known.get(found[1], found[1]), text)
    )
    return filled


#: Of the events, of their shadows, and of the labels.
DEFINITIONS = {name: definition(name) for name in ("inference", "shadow", "labels")}
DEFINITION = DEFINITIONS["inference"]
_MACHINES = {name: Machine(definition) for name, definition in DEFINITIONS.items()}
#: The attribute of the services that answers an action, by the last word of a task's resource.
ACTIONS = {
    "invoke": "infer",
    "batchWriteItem": "store",
    "sendMessage": "send",
    "startExecution": "start",
    "putObject": "put",
}


def failure(error: str, cause: str = "because") -> StateError:
    """What a service raises to fail a task with this error."""
    return StateError(error, cause)


@dataclass
class Services:
    """What the state machine calls.

    Attributes:
        infer: answers a call of the inference function.
        store: answers BatchWriteItem.
        send: takes a message for the dead-letter queue.
        start: starts an execution.
        put: stores an object.
        calls: the states' requests in order, each with the resource's last word.
        moments: when each was made, in seconds of the fake clock.
    """

    infer: Service
    store: Service = lambda _: {"UnprocessedItems": {}}
    send: Service = lambda _: {}
    start: Service = lambda _: {}
    put: Service = lambda _: {}
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    moments: list[float] = field(default_factory=list)

    async def invoke(self, resource: str, request: dict[str, Any], _paused: Paused) -> Reply:
        """Answers a task."""
        request = copy.deepcopy(request)
        action = resource.rpartition(":")[2]
        self.calls.append((action, request))
        self.moments.append(asyncio.get_running_loop().time())
        answer: Service = getattr(self, ACTIONS[action])
        value = answer(request["Payload"] if action == "invoke" else request)
        value = await value if inspect.isawaitable(value) else value
        return Reply({"StatusCode": 200, "Payload": value} if action == "invoke" else value)

    @property
    def pauses(self) -> list[float]:
        """The seconds between one request and the next, where there are any."""
        gaps = [after - before for before, after in itertools.pairwise(self.moments)]
        return [gap for gap in gaps if gap]

    def of(self, action: str) -> list[dict[str, Any]]:
        """The requests of one action."""
        return [request for name, request in self.calls if name == action]


def scripted(answers: list[dict[str, Any]]) -> Service:
    """Gives one answer after the other, and the last one from then on.

    Args:
        answers: each a `result`, or an `error` with its `cause`, after so many `seconds`.
    """
    left = list(answers)

    async def answer(_: dict[str, Any]) -> Any:
        given = left.pop(0) if left[1:] else left[0]
        await asyncio.sleep(given.get("seconds", 0))
        if "error" in given:
            raise failure(given["error"], given["cause"])
        return given["result"]

    return answer


def run(services: Services, request: dict[str, Any], machine: str = "inference") -> Any:
    """Runs one execution of a machine to its end, and returns its output.

    Raises:
        StateError: the execution fails.
    """
    return virtual_time.run(_MACHINES[machine].run(request, context(request), Environment(services.invoke)))


def context(request: dict[str, Any]) -> dict[str, Any]:
    """The context object of an execution."""
    return {"Execution": {**EXECUTION, "Input": request}, "StateMachine": {"Name": "m"}}

"""Runs the state machine through ministack's interpreter, with scripted services behind it."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ministack.services import stepfunctions

from nrti_cli.assets import asset

Service = Callable[[dict[str, Any]], Any]

#: What Step Functions passes to a state or a service at most.
STATE_BYTES = 262_144
#: How much of it the API's template keeps free.
RESERVED_BYTES = 512
_TEXT = asset("asl/inference.asl.json").read_text().replace("${Table}", "t")
DEFINITION: dict[str, Any] = json.loads(re.sub(r"\$\{(\w+)\}", r"\1", _TEXT))


def failure(error: str, cause: str = "told so") -> Exception:
    """What a service raises to fail a task with this error."""
    raised: Exception = stepfunctions._ExecutionError(error, cause)
    return raised


@dataclass
class Services:
    """What the state machine calls.

    Attributes:
        infer: answers a call of the inference function.
        store: answers BatchWriteItem.
        send: takes a message for the dead-letter queue.
        calls: the states' requests in order, each with the resource's last word.
        pauses: the seconds that were waited, between retries included.
    """

    infer: Service
    store: Service = lambda _: {"UnprocessedItems": {}}
    send: Service = lambda _: {}
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    pauses: list[float] = field(default_factory=list)

    def invoke(self, resource: str, request: dict[str, Any]) -> Any:
        request = copy.deepcopy(request)
        if len(json.dumps(request, ensure_ascii=False, separators=(",", ":")).encode()) > STATE_BYTES:
            raise failure("States.DataLimitExceeded", "too large")
        action = resource.rpartition(":")[2]
        self.calls.append((action, request))
        if action == "invoke":
            return {"StatusCode": 200, "Payload": self.infer(request["Payload"])}
        return {"batchWriteItem": self.store, "sendMessage": self.send}[action](request)

    def of(self, action: str) -> list[dict[str, Any]]:
        """The requests of one action."""
        return [request for name, request in self.calls if name == action]


def run(services: Services, request: dict[str, Any]) -> Any:
    """Runs one execution to its end, and returns its output.

    Raises:
        Exception: the execution fails.
    """
    context = {"Execution": {"Input": request, "Id": "e"}, "StateMachine": {"Name": "m"}}
    states = copy.deepcopy(DEFINITION["States"])
    undo = stepfunctions._invoke_resource, stepfunctions._scaled_sleep
    stepfunctions._invoke_resource, stepfunctions._scaled_sleep = services.invoke, services.pauses.append
    try:
        return stepfunctions._run_sub_machine(states, DEFINITION["StartAt"], request, {"events": []}, context)
    finally:
        stepfunctions._invoke_resource, stepfunctions._scaled_sleep = undo

"""Patches to ministack's Step Functions: EXPRESS workflows, and the checks of an execution's input."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import Future
from functools import lru_cache
from typing import Any

from ministack.core.responses import error_response_json, json_response
from ministack.services import stepfunctions

from nrti_cli.local.patches import execution
from nrti_cli.local.patches.express import EXECUTIONS, ClosedError
from nrti_cli.local.patches.patch import Patch
from nrti_cli.local.patches.workflow import naps

_MODULE = "ministack.services.stepfunctions"
#: What StartExecution tells of an execution.
_STARTED = ("executionArn", "startDate")
#: What StartSyncExecution leaves out of one.
_UNTOLD = {"events"}
#: The longest input of an execution, in bytes of UTF-8.
_INPUT_LIMIT = 262_144

# ministack's functions are untyped; a response is (status, headers, body).
Response = Any
Start = Callable[[dict[str, Any]], Response]


def _start(original: Start) -> Start:
    return _replaced(original, lambda begun, _: {name: begun[name] for name in _STARTED})


def _start_sync(original: Start) -> Start:
    def wait(begun: dict[str, Any], submitted: Future[Any]) -> dict[str, Any]:
        submitted.result()
        return {name: value for name, value in begun.items() if name not in _UNTOLD}

    return _replaced(original, wait)


def _replaced(original: Start, answer: Callable[[dict[str, Any], Future[Any]], dict[str, Any]]) -> Start:
    """Begins an execution of an EXPRESS workflow; `answer` makes the response of it."""

    def start(data: dict[str, Any]) -> Response:
        machine = _express_machine(data)
        refused = _refused(data)
        if refused or machine is None:
            return refused or original(data)
        begun = execution.begin(machine, data)
        try:
            return json_response(answer(begun, _submit(machine, begun)))
        except ClosedError:
            return _closing()

    return start


def _submit(machine: dict[str, Any], begun: dict[str, Any]) -> Future[None]:
    """Queues an execution."""
    return EXECUTIONS.submit(lambda: execution.run(machine, begun))


def _closing() -> Response:
    return error_response_json("ServiceUnavailable", "The service is shutting down; try again.", 503)


def _refused(data: dict[str, Any]) -> Response | None:
    """What AWS answers to an input that it cannot take, or None."""
    text = data.get("input", "{}")
    if len(text.encode("utf-8", "surrogatepass")) > _INPUT_LIMIT:
        return error_response_json(
            "ValidationException",
            "1 validation error detected: Value at 'input' failed to satisfy constraint: "
            f"Member must have length less than or equal to {_INPUT_LIMIT}",
            400,
        )
    try:
        json.loads(text)
    except ValueError as error:
        return error_response_json(
            "InvalidExecutionInput", f"Invalid State Machine Execution Input: '{error}'", 400
        )
    return None


def _express_machine(data: dict[str, Any]) -> dict[str, Any] | None:
    arn = stepfunctions._resolve_state_machine_arn(data.get("stateMachineArn", ""))  # noqa: SLF001
    machine: dict[str, Any] | None = stepfunctions._state_machines.get(arn)  # noqa: SLF001
    return machine if machine and machine.get("type") == "EXPRESS" else None


def _noting(original: Callable[[float], None]) -> Callable[[float], None]:
    def sleep(seconds: float) -> None:
        asked = naps.get()
        if asked is None:
            original(seconds)
        else:
            asked.append(seconds * stepfunctions._SFN_WAIT_SCALE)  # noqa: SLF001

    return sleep


def _kept(original: Callable[[str], Any]) -> Callable[[str], Any]:
    return lru_cache(maxsize=4096)(original)


def _result_path(_original: Callable[..., Any]) -> Callable[..., Any]:
    def apply(path: str | None, original: Any, result: Any) -> Any:
        if path is None or path == "$":
            return original if path is None else result
        *parents, name = path.lstrip("$.").split(".")
        output: dict[str, Any] = dict(original) if isinstance(original, dict) else {}
        at = output
        for parent in parents:
            inner = at.get(parent)
            at[parent] = dict(inner) if isinstance(inner, dict) else {}
            at = at[parent]
        at[name] = result
        return output

    return apply


PATCHES = (
    Patch(
        _MODULE,
        "_start_execution",
        "EXPRESS executions sleep 0.15 s, take a thread each and are kept for ever; any input is taken.",
        _start,
    ),
    Patch(
        _MODULE,
        "_start_sync_execution",
        "As StartExecution: a burst of requests starts a Lambda worker process each.",
        _start_sync,
    ),
    Patch(
        _MODULE,
        "_scaled_sleep",
        "A Wait state would hold the server's loop up.",
        _noting,
    ),
    Patch(
        _MODULE,
        "_parse_jsonpath_tokens",
        "Every path of a workflow is parsed anew each time that a state uses it.",
        _kept,
    ),
    Patch(
        _MODULE,
        "_apply_result_path_raw",
        "It copies all of a state's input, however large, to put one result into it.",
        _result_path,
    ),
)

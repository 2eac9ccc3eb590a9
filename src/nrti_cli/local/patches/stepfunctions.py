"""Patches to ministack's Step Functions: EXPRESS workflows, and the checks of an execution's input."""

from __future__ import annotations

import contextvars
import json
import logging
import time
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from ministack.core.responses import (
    error_response_json,
    get_account_id,
    get_region,
    json_response,
    new_uuid,
    now_iso,
)
from ministack.services import stepfunctions

from nrti_cli.local.patches import logs, metrics
from nrti_cli.local.patches.express import EXECUTIONS, ClosedError
from nrti_cli.local.patches.patch import Patch

_MODULE = "ministack.services.stepfunctions"
_logger = logging.getLogger(__name__)

#: What an answer leaves out of an execution.
_UNTOLD = {"events"}
#: The longest input of an execution, in bytes of UTF-8.
_INPUT_LIMIT = 262_144

# ministack's functions are untyped; a response is (status, headers, body).
Response = Any
Start = Callable[[dict[str, Any]], Response]


def _start(original: Start) -> Start:
    def start_execution(data: dict[str, Any]) -> Response:
        refused = _refused(data)
        machine = _express_machine(data)
        if refused or machine is None:
            return refused or original(data)
        execution = _new_execution(machine, data)
        context = contextvars.copy_context()
        try:
            EXECUTIONS.submit(lambda: context.run(_run, machine, execution))
        except ClosedError:
            return _closing()
        return json_response({"executionArn": execution["executionArn"], "startDate": execution["startDate"]})

    return start_execution


def _start_sync(original: Start) -> Start:
    def start_sync_execution(data: dict[str, Any]) -> Response:
        refused = _refused(data)
        machine = _express_machine(data)
        if refused or machine is None:
            return refused or original(data)
        execution = _new_execution(machine, data)
        context = contextvars.copy_context()
        try:
            EXECUTIONS.submit(lambda: context.run(_run, machine, execution)).result()
        except ClosedError:
            return _closing()
        return json_response({name: value for name, value in execution.items() if name not in _UNTOLD})

    return start_sync_execution


def _closing() -> Response:
    return error_response_json("ServiceUnavailable", "The service is shutting down; try again.", 503)


def _refused(data: dict[str, Any]) -> Response | None:
    """What AWS answers to an input that it cannot take, or None."""
    text = data.get("input", "{}")
    if len(text) > _INPUT_LIMIT or len(text.encode()) > _INPUT_LIMIT:
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


def _new_execution(machine: dict[str, Any], data: dict[str, Any]) -> dict[str, Any]:
    name = data.get("name") or new_uuid()
    owner = f"arn:aws:states:{get_region()}:{get_account_id()}"
    return {
        "executionArn": f"{owner}:express:{machine['name']}:{name}:{new_uuid()}",
        "stateMachineArn": machine["stateMachineArn"],
        "name": name,
        "status": "RUNNING",
        "startDate": now_iso(),
        "input": data.get("input", "{}"),
        "inputDetails": {"included": True},
        "outputDetails": {"included": True},
        "events": [],
    }


def _run(machine: dict[str, Any], execution: dict[str, Any]) -> None:
    """Walks through the states; what came of it is in the execution afterwards."""
    began = time.perf_counter()
    _count(machine, "ExecutionsStarted", 1)
    try:
        execution["output"] = json.dumps(_walk(machine, execution))
        execution["status"] = "SUCCEEDED"
    except stepfunctions._ExecutionError as error:  # noqa: SLF001
        execution.update(status="FAILED", error=error.error, cause=error.cause)
    except Exception as error:
        _logger.exception("execution %s", execution["executionArn"])
        execution.update(status="FAILED", error="States.Runtime", cause=str(error))
    execution["stopDate"] = now_iso()
    failed = execution["status"] == "FAILED"
    if failed:
        _logger.warning(
            "%s failed: %s: %s", execution["executionArn"], execution["error"], execution["cause"]
        )
        logs.failed_execution(machine, execution)
    _count(machine, "ExecutionsSucceeded", int(not failed))
    _count(machine, "ExecutionsFailed", int(failed))
    _count(machine, "ExecutionTime", (time.perf_counter() - began) * 1000, "Milliseconds")


def _count(machine: dict[str, Any], name: str, value: float, unit: str = "Count") -> None:
    metrics.add("AWS/States", name, value, unit, {"StateMachineArn": machine["stateMachineArn"]})


def _walk(machine: dict[str, Any], execution: dict[str, Any]) -> Any:
    definition = _definition(machine["definition"])
    given = json.loads(execution["input"])
    context = {
        "QueryLanguage": definition.get("QueryLanguage", "JSONPath"),
        "Execution": {
            "Id": execution["executionArn"],
            "Input": given,
            "Name": execution["name"],
            "RoleArn": machine["roleArn"],
            "StartTime": execution["startDate"],
        },
        "StateMachine": {"Id": machine["stateMachineArn"], "Name": machine["name"]},
        "variables": {},
    }
    # What walks the branches of Parallel and Map walks a whole machine just as well, without sleeping first.
    return stepfunctions._run_sub_machine(  # noqa: SLF001
        definition["States"], definition["StartAt"], given, execution, context
    )


@lru_cache(maxsize=32)
def _definition(text: str) -> Any:
    return json.loads(text)


def _pausing(original: Callable[[float], None]) -> Callable[[float], None]:
    def sleep(seconds: float) -> None:
        with EXECUTIONS.paused():
            original(seconds)

    return sleep


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
        "An execution that waits for its next try would keep its turn from the others.",
        _pausing,
    ),
)

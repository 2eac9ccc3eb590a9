"""Patches to ministack's Step Functions: EXPRESS workflows, and the checks of an execution's input."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from ministack.core.responses import error_response_json, json_response
from ministack.services import stepfunctions

from nrti_local.durability.journal import Entry, JournalError
from nrti_local.ministack.patch import Patch
from nrti_local.stepfunctions import execution
from nrti_local.stepfunctions.acceptance import ACCEPTANCE
from nrti_local.stepfunctions.express import ClosedError, on_the_loop
from nrti_local.stepfunctions.load import LOAD
from nrti_local.stepfunctions.workflow import naps

_logger = logging.getLogger(__name__)
_MODULE = "ministack.services.stepfunctions"
#: The actions that start an execution.
_STARTS = {"StartExecution", "StartSyncExecution"}
#: What StartSyncExecution leaves out of one.
_UNTOLD = {"events"}
#: The longest input of an execution, in bytes of UTF-8.
_INPUT_LIMIT = 262_144

# ministack's functions are untyped; a response is (status, headers, body).
Response = Any
Start = Callable[[dict[str, Any]], Response]
Handle = Callable[..., Awaitable[Response]]


def _start(original: Start) -> Start:
    """For services that start an execution themselves, on a thread that may wait."""

    def start(data: dict[str, Any]) -> Response:
        machine = _express_machine(data)
        refused = _refused(data)
        if refused or machine is None:
            return refused or original(data)
        entry = execution.begin(machine, data)
        number, kept = ACCEPTANCE.accept(entry)
        answer = _started(number, machine, entry)
        try:
            if not on_the_loop():  # which would wait for itself
                kept.result()
        except JournalError as error:
            return _unavailable(error)
        return answer

    return start


def _start_when_kept(original: Handle) -> Handle:
    """For requests: the event loop goes on while the execution is written down."""

    async def handle(method: str, path: str, headers: dict[str, str], body: bytes, query: Any) -> Response:
        action = headers.get("x-amz-target", "").removeprefix("AWSStepFunctions.")
        data = _parsed(body) if action in _STARTS else None
        machine = _express_machine(data) if data else None
        if data is None or machine is None:
            return await original(method, path, headers, body, query)
        if not await ACCEPTANCE.covers(machine):
            return _unavailable("the stack is being deployed")
        if action == "StartSyncExecution":
            return await original(method, path, headers, body, query)
        return _refused(data) or await _accept(machine, data)

    return handle


def _parsed(body: bytes) -> dict[str, Any] | None:
    """The members of a request, or None if it is for ministack to say what is wrong with it."""
    try:
        data = json.loads(body)
    except ValueError:
        return None
    return data if isinstance(data, dict) else None


async def _accept(machine: dict[str, Any], data: dict[str, Any]) -> Response:
    """Answers when the execution is on the disk, and lets it begin meanwhile.

    If it cannot be written down, its sender is told so and sends it again, which stores the same items once
    more under the same keys.
    """
    entry = execution.begin(machine, data)
    number, kept = ACCEPTANCE.accept(entry)
    answer = _started(number, machine, entry)
    try:
        await asyncio.wrap_future(kept)
    except JournalError as error:
        return _unavailable(error)
    return answer


def _started(number: int, machine: dict[str, Any], entry: Entry) -> Response:
    try:
        ACCEPTANCE.run(number, machine, execution.record(entry))
    except ClosedError:
        return _unavailable("it is shutting down")
    started = datetime.fromisoformat(entry.started).timestamp()
    return json_response({"executionArn": entry.execution, "startDate": started})


def _start_sync(original: Start) -> Start:
    """Answers when it is over: what came of it is in the memory then, and the execution in the journal."""

    def start(data: dict[str, Any]) -> Response:
        machine = _express_machine(data)
        refused = _refused(data)
        if refused or machine is None:
            return refused or original(data)
        entry = execution.begin(machine, data)
        record = execution.record(entry)
        number, kept = ACCEPTANCE.accept(entry)
        try:
            ACCEPTANCE.run(number, machine, record).result()
            kept.result()
        except ClosedError:
            return _unavailable("it is shutting down")
        except JournalError as error:
            return _unavailable(error)
        return json_response({name: value for name, value in record.items() if name not in _UNTOLD})

    return start


def _unavailable(reason: object) -> Response:
    _logger.warning("an execution cannot be started: %s", reason)
    return error_response_json("ServiceUnavailable", f"The service cannot start executions: {reason}.", 503)


def _refused(data: dict[str, Any]) -> Response | None:
    """What AWS answers to an execution that it does not start, or None."""
    if LOAD.is_too_much():
        return error_response_json("ThrottlingException", "Rate exceeded", 400)
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


PATCHES = (
    Patch(
        _MODULE,
        "handle_request",
        "An execution is acknowledged before anything has written it down, so a kill loses it.",
        _start_when_kept,
    ),
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
)

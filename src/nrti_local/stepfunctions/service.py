"""Step Functions, as far as executions are started: EXPRESS ones run here, STANDARD ones in ministack.

ministack keeps the state machines, their versions and aliases, and answers everything else.
"""

from __future__ import annotations

import asyncio
import json
import logging
from typing import Any
from uuid import uuid4

from ministack.core.responses import request_scope
from ministack.services import stepfunctions

from nrti_local.durability.journal import JournalError
from nrti_local.iam.authorization import denial_of
from nrti_local.server.asgi import Application, Receive, Scope, Send, read, respond
from nrti_local.server.ask import OWN
from nrti_local.server.caller import identify
from nrti_local.stepfunctions import execution, handover, machines
from nrti_local.stepfunctions.acceptance import ACCEPTANCE
from nrti_local.stepfunctions.execution import Execution
from nrti_local.stepfunctions.load import LOAD
from nrti_local.stepfunctions.machines import Machine
from nrti_local.stepfunctions.scheduler import ClosedError

#: Status, headers and body.
Answer = tuple[int, dict[str, str], bytes]

_logger = logging.getLogger(__name__)
_PREFIX = b"AWSStepFunctions."
_START, _START_SYNC = "StartExecution", "StartSyncExecution"
#: The longest input of an execution, in bytes of UTF-8.
_INPUT_LIMIT = 262_144
_JSON = "application/x-amz-json-1.0"


def before(ministack: Application) -> Application:
    """Answers the requests that start an execution, and has ministack answer all others."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        action = _action(scope) if scope["type"] == "http" else ""
        if action not in {_START, _START_SYNC}:
            await ministack(scope, receive, send)
            return
        body = await read(receive)
        status, headers, content = await _authorized(action, scope, body)
        named = {**headers, "x-amzn-requestid": str(uuid4())}
        raw = [(name.lower().encode(), value.encode()) for name, value in named.items()]
        await respond(send, status, raw, content)

    return serve


async def _authorized(action: str, scope: Scope, body: bytes) -> Answer:
    request = _members(body)
    if request is None:
        return _NO_JSON
    caller = identify(scope)
    denied = denial_of("states", str(request.get("stateMachineArn", "*")), caller, scope, body)
    return denied or await answer(action, request, account=caller.account, region=caller.region)


async def answer_body(action: str, body: bytes, *, account: str, region: str) -> Answer:
    """As `answer`, for a request that is still JSON."""
    request = _members(body)
    return _NO_JSON if request is None else await answer(action, request, account=account, region=region)


async def answer(action: str, request: dict[str, Any], *, account: str, region: str) -> Answer:
    """Starts an execution.

    An EXPRESS execution is acknowledged when it is in the journal. If that fails, its sender sends it again;
    the first one may have run by then, as EXPRESS workflows run at least once.

    Args:
        action: `StartExecution`, or `StartSyncExecution`, which answers when the execution is over; ministack
            answers all others.
        request: its members.
        account: of the caller.
        region: of the request.

    Returns:
        Status, headers and body.
    """
    with request_scope(account, region):
        if action not in {_START, _START_SYNC}:
            return await _by_ministack(action, request, None)
        refusal = _refusal(request)
        if refusal:
            return refusal
        machine = machines.find(str(request.get("stateMachineArn", "")))
        if machine is None or not machine.is_express:
            return await _by_ministack(action, request, machine)
        return await _start_express(machine, request, wait=action == _START_SYNC)


async def _start_express(machine: Machine, request: dict[str, Any], *, wait: bool) -> Answer:
    if not await ACCEPTANCE.covers(machine):
        return _unavailable("the stack is being deployed")
    try:
        return await _start(machine, request, wait=wait)
    except ClosedError:
        return _unavailable("it is shutting down")
    except JournalError as error:
        return _unavailable(error)


async def _start(machine: Machine, request: dict[str, Any], *, wait: bool) -> Answer:
    entry = execution.begin(machine, request)
    number, written = ACCEPTANCE.accept(entry)
    started = Execution(machine, entry)
    over = ACCEPTANCE.run(number, started)
    if wait:
        await asyncio.wrap_future(over)
    await asyncio.wrap_future(written)
    if wait:
        return _answer(200, started.described())
    return _answer(200, {"executionArn": entry.execution, "startDate": execution.seconds(entry.started)})


async def _by_ministack(action: str, request: dict[str, Any], machine: Machine | None) -> Answer:
    if machine and action == _START_SYNC:
        message = "This operation is not supported by this type of state machine"
        return _error("StateMachineTypeNotSupported", message)
    repeated = await _repeated(request, machine) if machine else None
    if repeated:
        return repeated
    headers = {**OWN, "x-amz-target": f"AWSStepFunctions.{action}"}
    body = json.dumps(request).encode()
    status, told, content = await stepfunctions.handle_request("POST", "/", headers, body, {})
    return status, told, content


async def _repeated(request: dict[str, Any], machine: Machine) -> Answer | None:
    """The answer to a STANDARD start that names a running execution with the same input."""
    name = request.get("name")
    if not name:
        return None
    arn = f"{machine.arn.replace(':stateMachine:', ':execution:')}:{name}"
    found = await handover.ask("DescribeExecution", {"executionArn": arn})
    if found.get("status") != "RUNNING" or json.loads(found["input"]) != json.loads(
        request.get("input", "{}")
    ):
        return None
    return _answer(200, {"executionArn": arn, "startDate": found["startDate"]})


def _input(request: dict[str, Any]) -> str:
    return str(request.get("input", "{}"))


def _refusal(request: dict[str, Any]) -> Answer | None:
    """What AWS answers to an execution that it does not start, or None."""
    if LOAD.is_exceeded():
        return _error("ThrottlingException", "Rate exceeded")
    text = _input(request)
    if len(text.encode("utf-8", "surrogatepass")) > _INPUT_LIMIT:
        where = "1 validation error detected: Value at 'input' failed to satisfy constraint"
        return _error(
            "ValidationException", f"{where}: Member must have length less than or equal to {_INPUT_LIMIT}"
        )
    try:
        _DECODER.decode(text)
    except (ValueError, RecursionError) as error:
        return _error("InvalidExecutionInput", f"Invalid State Machine Execution Input: '{error}'")
    return None


def _not_json(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


_DECODER = json.JSONDecoder(parse_constant=_not_json)


def _unavailable(reason: object) -> Answer:
    _logger.warning("an execution cannot be started: %s", reason)
    return _error("ServiceUnavailable", f"The service cannot start executions: {reason}.", 503)


def _error(code: str, message: str, status: int = 400) -> Answer:
    return _answer(status, {"__type": code, "message": message}, {"x-amzn-errortype": code})


def _answer(status: int, members: dict[str, Any], more: dict[str, str] | None = None) -> Answer:
    return status, {"content-type": _JSON, **(more or {})}, json.dumps(members).encode()


def _action(scope: Scope) -> str:
    target = next((value for name, value in scope["headers"] if name == b"x-amz-target"), b"")
    return str(target.removeprefix(_PREFIX).decode("latin-1")) if target.startswith(_PREFIX) else ""


def _members(body: bytes) -> dict[str, Any] | None:
    try:
        request = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return request if isinstance(request, dict) else None


_NO_JSON = _error("SerializationException", "Invalid JSON")

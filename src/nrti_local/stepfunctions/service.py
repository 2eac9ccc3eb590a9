"""Starts executions: EXPRESS workflows run here, STANDARD workflows in ministack.

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
from nrti_local.server.asgi import Answer, Application, Receive, Scope, Send, present, read, send_answer
from nrti_local.server.shared.ask import OWN
from nrti_local.server.shared.caller import identify
from nrti_local.server.shared.errors import ServiceError
from nrti_local.stepfunctions import admission, execution, handover, machines
from nrti_local.stepfunctions.acceptance import ACCEPTANCE
from nrti_local.stepfunctions.execution import Execution
from nrti_local.stepfunctions.lanes import lane
from nrti_local.stepfunctions.machines import Machine
from nrti_local.stepfunctions.scheduler import ClosedError

_logger = logging.getLogger(__name__)
_PREFIX = b"AWSStepFunctions."
_START, _START_SYNC = "StartExecution", "StartSyncExecution"
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
        await send_answer(send, (status, {**headers, "x-amzn-requestid": str(uuid4())}, content))

    return serve


async def _authorized(action: str, scope: Scope, body: bytes) -> Answer:
    try:
        request = _members(body)
    except ServiceError as error:
        return _error(error)
    caller = identify(scope)
    denied = denial_of("states", str(request.get("stateMachineArn", "*")), caller, scope, body)
    return denied or await answer(action, request, account=caller.account, region=caller.region)


async def start_nested(request: dict[str, Any]) -> dict[str, Any]:
    """StartExecution by an execution of the same account and region.

    Args:
        request: its members.

    Returns:
        The members of the answer.

    Raises:
        ServiceError: it is refused, by the limits of such executions or for another reason.
    """
    status, _, body = await _start(_START, request, nested=True)
    members: dict[str, Any] = json.loads(body)
    if status >= 400:
        raise ServiceError(members["__type"], members.get("message", ""), status)
    return members


async def answer_body(action: str, body: bytes, *, account: str, region: str) -> Answer:
    """As `answer`, for a request that is still JSON."""
    try:
        request = _members(body)
    except ServiceError as error:
        return _error(error)
    return await answer(action, request, account=account, region=region)


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
        try:
            if action in {_START, _START_SYNC}:
                return await _start(action, request)
        except ServiceError as error:
            return _error(error)
        return await _by_ministack(action, request)


async def _start(action: str, request: dict[str, Any], *, nested: bool = False) -> Answer:
    admission.check(request, lane(nested=nested).load)
    machine = machines.find(str(request.get("stateMachineArn", "")))
    if machine is None:
        return await _by_ministack(action, request)
    if not machine.is_express:
        return await _start_standard(action, request, machine)
    if not await ACCEPTANCE.covers(machine):
        raise _unavailable("the stack is being deployed")
    try:
        return await _start_express(machine, request, wait=action == _START_SYNC, nested=nested)
    except ClosedError as error:
        raise _unavailable("it is shutting down") from error
    except JournalError as error:
        raise _unavailable(error) from error


async def _start_express(machine: Machine, request: dict[str, Any], *, wait: bool, nested: bool) -> Answer:
    entry = execution.begin(machine, request, nested=nested)
    number, written = ACCEPTANCE.accept(entry)
    started = Execution(machine, entry)
    over = ACCEPTANCE.run(number, started)
    if wait:
        await asyncio.wrap_future(over)
    if written:
        await asyncio.wrap_future(written)
    if wait:
        return _answer(started.described())
    return _answer({"executionArn": entry.execution, "startDate": execution.seconds(entry.started)})


async def _start_standard(action: str, request: dict[str, Any], machine: Machine) -> Answer:
    if action == _START_SYNC:
        message = "This operation is not supported by this type of state machine"
        raise ServiceError("StateMachineTypeNotSupported", message)
    return await _running(request, machine) or await _by_ministack(action, request)


async def _running(request: dict[str, Any], machine: Machine) -> Answer | None:
    """The answer to a request that names a running STANDARD execution with the same input."""
    name = request.get("name")
    if not name:
        return None
    arn = f"{machine.arn.replace(':stateMachine:', ':execution:')}:{name}"
    found = await handover.ask("DescribeExecution", {"executionArn": arn})
    given = json.loads(admission.execution_input(request))
    if found.get("status") == "RUNNING" and json.loads(found["input"]) == given:
        return _answer({"executionArn": arn, "startDate": found["startDate"]})
    return None


async def _by_ministack(action: str, request: dict[str, Any]) -> Answer:
    named = {**OWN, "x-amz-target": f"AWSStepFunctions.{action}"}
    body = json.dumps(request).encode()
    status, headers, content = await stepfunctions.handle_request("POST", "/", named, body, {})
    return status, headers, content


def _unavailable(reason: object) -> ServiceError:
    _logger.warning("an execution cannot be started: %s", reason)
    message = f"The service cannot start executions: {reason}."
    return ServiceError("ServiceUnavailable", message, 503)


def _error(error: ServiceError) -> Answer:
    headers = {"content-type": _JSON, "x-amzn-errortype": error.code}
    return error.status, headers, json.dumps({"__type": error.code, "message": error.message}).encode()


def _answer(members: dict[str, Any]) -> Answer:
    return 200, {"content-type": _JSON}, json.dumps(members).encode()


def _action(scope: Scope) -> str:
    target = next((value for name, value in scope["headers"] if name == b"x-amz-target"), b"")
    return str(target.removeprefix(_PREFIX).decode("latin-1")) if target.startswith(_PREFIX) else ""


def _members(body: bytes) -> dict[str, Any]:
    try:
        request = json.loads(body)
    except (ValueError, RecursionError):
        request = None
    if not isinstance(request, dict):
        raise ServiceError("SerializationException", "Invalid JSON")
    return present(request)

"""Invokes functions, for requests and for the services of this process."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from urllib.parse import quote
from zipfile import BadZipFile

from ministack.core.responses import new_uuid, request_scope
from ministack.services import lambda_svc

from nrti_local.lambda_ import failures, functions, names, telemetry, tracing
from nrti_local.lambda_.functions import Function
from nrti_local.lambda_.invocation import Answer, Invocation
from nrti_local.lambda_.names import FunctionName
from nrti_local.lambda_.pools import POOLS, throttled
from nrti_local.server.shared.errors import ServiceError

#: The largest payload of a request that waits for the answer, in bytes.
LARGEST_PAYLOAD = 6_291_456
_UNHANDLED = "Unhandled"


@dataclass(frozen=True)
class Outcome:
    """What an invocation came to.

    Attributes:
        status: of HTTP.
        payload: the function's answer as JSON, or the description of its error.
        error: empty, or `Unhandled` if the function failed, as X-Amz-Function-Error has it.
        log: what it printed, between the lines of Lambda itself.
        version: that was executed.
        request_id: identifies the invocation in the log.
    """

    status: int
    payload: bytes
    error: str
    log: str
    version: str
    request_id: str = ""


async def invoke(name: str, payload: bytes, *, account: str, region: str, qualifier: str = "") -> Outcome:
    """Invokes a function and waits for its answer; for the server's loop.

    Cancelling it kills the function's process.

    Args:
        name: a function's name, or its partial or full ARN.
        payload: JSON.
        account: of the caller.
        region: of the caller.
        qualifier: a version or an alias; empty for what the name says.

    Raises:
        ServiceError: there is no such function, the payload is too large, or it is invoked too often.
    """
    named = names.parse(name, account=account, region=region, qualifier=qualifier)
    function = functions.find(named)
    if len(payload) > LARGEST_PAYLOAD:
        raise too_large()
    if function is None:
        return await _by_ministack(named, payload)
    return await execute(function, payload, new_uuid())


async def execute(function: Function, payload: bytes, request_id: str) -> Outcome:
    """Has a worker of a function answer, and logs it; on any loop.

    Args:
        function: that was looked up.
        payload: JSON.
        request_id: identifies the invocation.

    Raises:
        ServiceError: it is invoked too often.
    """
    arn = function.name.arn
    try:
        running = POOLS.enter(function)
        try:
            answer = await _answer(function, Invocation(payload, request_id, arn, tracing.outbound(arn)))
        finally:
            POOLS.leave(running)
    except ServiceError:
        telemetry.count_throttle(function)
        raise
    log = telemetry.record(function, request_id, answer)
    error = _UNHANDLED if answer.failed else ""
    return Outcome(200, answer.payload, error, log, function.version, request_id)


def too_large() -> ServiceError:
    """The error for a payload of more than `LARGEST_PAYLOAD` bytes."""
    text = f"Request must be smaller than {LARGEST_PAYLOAD} bytes for the InvokeFunction operation"
    return ServiceError("RequestEntityTooLargeException", text, 413)


async def _answer(function: Function, invocation: Invocation) -> Answer:
    pool = POOLS.of(function)
    try:
        worker = await pool.lease(function.timeout, tracing.inbound_depth() + 1)
    except TimeoutError:
        raise throttled("ConcurrentInvocationLimitExceeded") from None
    try:
        answer = await worker.invoke(invocation)
    except BadZipFile as error:
        raise ServiceError("InvalidZipFileException", f"The code cannot be unpacked: {error}", 502) from error
    finally:
        pool.release(worker)
    if len(answer.payload) > failures.LARGEST_ANSWER:
        return Answer(failures.too_large(), True, answer.log, answer.seconds)
    return answer


async def _by_ministack(name: FunctionName, payload: bytes) -> Outcome:
    """Invokes a function that no worker of ours can execute."""
    path = f"/2015-03-31/functions/{quote(name.arn)}/invocations"
    with request_scope(name.account, name.region):
        status, headers, body = await lambda_svc.handle_request(
            "POST", path, {"x-amz-log-type": "Tail"}, payload, {}
        )
    found = {header.lower(): value for header, value in headers.items()}
    if status >= 400:
        error = json.loads(body)
        raise ServiceError(error["__type"], error.get("message", ""), status)
    return Outcome(
        status,
        body,
        found.get("x-amz-function-error", ""),
        base64.b64decode(found.get("x-amz-log-result", "")).decode(errors="replace"),
        found.get("x-amz-executed-version", ""),
    )

"""Lambda's Invoke over HTTP, for functions that our workers execute; all else is ministack's."""

from __future__ import annotations

import base64
import json
import re
from uuid import uuid4

from ministack.core.lambda_runtime import INVOKE_DEPTH_HEADER
from ministack.services.lambda_svc import MAX_INVOKE_DEPTH

from nrti_local.iam.authorization import denial_of
from nrti_local.lambda_ import functions, names, tracing
from nrti_local.lambda_.invoke import LARGEST_PAYLOAD, Outcome, execute, too_large
from nrti_local.server.asgi import Answer, Application, Receive, Scope, Send, read, send_answer
from nrti_local.server.layers.inner_requests import replaying
from nrti_local.server.shared.caller import Caller, identify
from nrti_local.server.shared.errors import ServiceError

_PATH = re.compile(r"/2015-03-31/functions/([^/]+)/invocations")
#: The type of an invocation whose caller waits for the answer.
_WAITING = "RequestResponse"
_DEPTH = INVOKE_DEPTH_HEADER.lower()
#: The largest payload of an invocation that does not wait for the answer, in bytes.
_LARGEST_EVENT = 1_048_576
#: The end of the log that LogType Tail asks for, in bytes.
_TAIL_BYTES = 4096


def before(ministack: Application) -> Application:
    """Answers invocations, and leaves all other requests to ministack."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        match = _PATH.fullmatch(scope["path"]) if scope["type"] == "http" else None
        if match is None or scope["method"] != "POST" or _is_encoded(scope):
            await ministack(scope, receive, send)
            return
        body = await read(receive)
        answer = await _answer(match[1], scope, body)
        if answer is None:
            await ministack(_with_depth(scope), replaying(body), send)
            return
        await send_answer(send, answer)

    return serve


async def _answer(reference: str, scope: Scope, body: bytes) -> Answer | None:
    """The answer to an invocation, or None if ministack has to give it."""
    caller = identify(scope)
    request_id = str(uuid4())
    tracing.INBOUND.set(_trace_header(caller))
    qualifier = caller.query.get("Qualifier", [""])[0]
    kind = caller.headers.get("x-amz-invocation-type", _WAITING)
    try:
        _check_payload(body, kind)
        name = names.parse(reference, account=caller.account, region=caller.region, qualifier=qualifier)
        if refusal := denial_of("lambda", name.arn, caller, scope, body):
            return refusal
        function = functions.find(name)
        if function is None or kind != _WAITING or tracing.inbound_depth() >= MAX_INVOKE_DEPTH:
            return None
        return _success(await execute(function, body or b"{}", request_id), caller)
    except ServiceError as error:
        return _failure(error, request_id)


def _check_payload(body: bytes, kind: str) -> None:
    if len(body) > LARGEST_PAYLOAD:
        raise too_large()
    if kind == "Event" and len(body) > _LARGEST_EVENT:
        limit = f"(limit {_LARGEST_EVENT} bytes)"
        text = f"{len(body)} byte payload is too large for the Event invocation type {limit}"
        raise ServiceError("RequestEntityTooLargeException", text, 413)
    try:
        json.loads(body or b"{}")
    except (ValueError, RecursionError) as error:
        text = f"Could not parse request body into json: {error}"
        raise ServiceError("InvalidRequestContentException", text, 400) from error


def _success(outcome: Outcome, caller: Caller) -> Answer:
    headers = {
        "Content-Type": "application/json",
        "X-Amz-Executed-Version": outcome.version,
        "x-amzn-RequestId": outcome.request_id,
    }
    if outcome.error:
        headers["X-Amz-Function-Error"] = outcome.error
    if caller.headers.get("x-amz-log-type") == "Tail":
        headers["X-Amz-Log-Result"] = base64.b64encode(outcome.log.encode()[-_TAIL_BYTES:]).decode()
    return outcome.status, headers, outcome.payload


def _failure(error: ServiceError, request_id: str) -> Answer:
    headers = {
        "Content-Type": "application/json",
        "x-amzn-ErrorType": error.code,
        "x-amzn-RequestId": request_id,
    }
    document = {"Type": "User", "message": error.message, **error.members}
    return error.status, headers, json.dumps(document).encode()


def _is_encoded(scope: Scope) -> bool:
    return any(name == b"content-encoding" for name, _ in scope["headers"])


def _trace_header(caller: Caller) -> str:
    """The request's trace header, with the depth that a function of ministack's own reports in another."""
    header = caller.headers.get("x-amzn-trace-id", "")
    reported = caller.headers.get(_DEPTH, "")
    if reported.isdecimal() and not tracing.depth(header):
        return f"{header};Lineage=1:0:{reported}".lstrip(";")
    return header


def _with_depth(scope: Scope) -> Scope:
    """The request with the depth in the header that ministack reads."""
    depth = str(tracing.inbound_depth()).encode()
    headers = [pair for pair in scope["headers"] if pair[0] != _DEPTH.encode()]
    return {**scope, "headers": [*headers, (_DEPTH.encode(), depth)]}

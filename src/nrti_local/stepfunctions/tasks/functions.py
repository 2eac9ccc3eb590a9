"""Tasks of Lambda: `lambda:invoke`, and the ARN of a function."""

from __future__ import annotations

import json
from typing import Any

from ministack.core.responses import get_account_id, get_region

from nrti_local.lambda_.invoke import Outcome
from nrti_local.lambda_.invoke import invoke as invoke_function
from nrti_local.server.shared.errors import ServiceError
from nrti_local.stepfunctions.asl.context import Paused, Reply
from nrti_local.stepfunctions.asl.errors import RUNTIME, StateError
from nrti_local.stepfunctions.tasks import sdk

#: Parameters of `lambda:invoke` that need no more than a synchronous invocation.
_PLAIN = {"FunctionName", "Payload", "Qualifier"}
#: What the result adds to the payload, in bytes at most.
_RESULT_BYTES = 256


async def invoke(request: Any, paused: Paused) -> Reply:
    """`arn:aws:states:::lambda:invoke`: the result describes the invocation, with its payload."""
    if not isinstance(request, dict) or not isinstance(request.get("FunctionName"), str):
        raise StateError(RUNTIME, "The Parameters of lambda:invoke need a FunctionName")
    if request.keys() - _PLAIN:
        return await sdk.call("lambda", "invoke", optimized=True)(request, paused)
    outcome = await _invoked(
        request["FunctionName"], request.get("Payload", {}), str(request.get("Qualifier", ""))
    )
    payload = json.loads(outcome.payload)
    result = {"ExecutedVersion": outcome.version, "Payload": payload, "StatusCode": outcome.status}
    return Reply(result, len(outcome.payload) + _RESULT_BYTES)


async def invoke_arn(arn: str, request: Any, _paused: Paused) -> Reply:
    """The ARN of a function: the result is its payload."""
    outcome = await _invoked(arn, request)
    return Reply(json.loads(outcome.payload), len(outcome.payload))


async def _invoked(name: str, payload: Any, qualifier: str = "") -> Outcome:
    """Invokes a function.

    Raises:
        StateError: Lambda refuses it, or the function failed: an exception goes by the name of its class.
    """
    account, region = get_account_id(), get_region()
    body = json.dumps(payload).encode()
    try:
        outcome = await invoke_function(name, body, account=account, region=region, qualifier=qualifier)
    except ServiceError as error:
        raise StateError(f"Lambda.{error.code}", error.message) from error
    if outcome.error:
        failure = json.loads(outcome.payload)
        raise StateError(failure.get("errorType") or "Lambda.Unknown", json.dumps(failure))
    return outcome

"""Tasks that start an execution, by `states` or by the SDK's `sfn`, without a connection."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import Any

from nrti_local.server.shared.errors import ServiceError
from nrti_local.stepfunctions.asl.context import Call, Paused, Reply
from nrti_local.stepfunctions.asl.limits import serialize
from nrti_local.stepfunctions.tasks import sdk

#: What services and actions a resource names for it.
SERVICES, ACTION = ("states", "sfn"), "startExecution"
#: The parameters of both resources.
_PARAMETERS = {"StateMachineArn", "Input", "Name", "TraceHeader"}
#: The size of an answer, in bytes at most.
_ANSWER_BYTES = 1_024


def call(service: str, *, optimized: bool) -> Call:
    """Returns the function that starts an execution.

    Args:
        service: of SERVICES.
        optimized: whether it is the optimized integration, and not the one of the AWS SDK.
    """
    prefix = sdk.PREFIXES[service] if optimized else None
    return partial(_start, sdk.call(service, ACTION, optimized=optimized), prefix)


async def _start(by_sdk: Call, prefix: str | None, request: Any, paused: Paused) -> Reply:
    """Starts it; the execution that does so does not wait for its end."""
    from nrti_local.stepfunctions import service  # which imports all tasks

    if not _is_plain(request):
        return await by_sdk(request, paused)
    given = request.get("Input", {})
    text = given if isinstance(given, str) else serialize(given)
    members = {"stateMachineArn": request["StateMachineArn"], "input": text}
    if "Name" in request:
        members["name"] = request["Name"]
    try:
        started = await service.start_nested(members)
    except ServiceError as error:
        raise sdk.refused("sfn", prefix, error) from error
    moment = datetime.fromtimestamp(started["startDate"], UTC).isoformat(timespec="milliseconds")
    answer = {"ExecutionArn": started["executionArn"], "StartDate": moment.replace("+00:00", "Z")}
    return Reply(answer, _ANSWER_BYTES)


def _is_plain(request: Any) -> bool:
    """Whether the parameters are such that Step Functions takes them; the SDK describes what is wrong."""
    if not isinstance(request, dict) or request.keys() - _PARAMETERS:
        return False
    return all(isinstance(request.get(name, ""), str) for name in ("StateMachineArn", "Name")) and bool(
        request.get("StateMachineArn")
    )

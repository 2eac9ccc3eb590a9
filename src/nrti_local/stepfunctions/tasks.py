"""The tasks of a workflow that need no thread: calling a Lambda function, and storing items in DynamoDB."""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from typing import Any

from ministack.core.responses import get_account_id, get_region
from ministack.services import dynamodb, stepfunctions

from nrti_local.dynamodb import batch_write
from nrti_local.lambda_.invoke import invoke
from nrti_local.server.errors import ServiceError
from nrti_local.stepfunctions.express import in_thread

_logger = logging.getLogger(__name__)

#: From the effective input of a task to its result.
Invoke = Callable[[Any], Awaitable[Any]]

_LAMBDA = "arn:aws:states:::lambda:invoke"
_BATCH_WRITE = "arn:aws:states:::aws-sdk:dynamodb:batchWriteItem"


def of(state: dict[str, Any], context: dict[str, Any]) -> Invoke | None:
    """What carries a task out on the loop, or None if it has to be done as ministack does."""
    if "TimeoutSeconds" in state or stepfunctions._sfn_mock_config:  # noqa: SLF001
        return None
    if stepfunctions._state_query_language(state, context) != "JSONPath":  # noqa: SLF001
        return None
    resource = state.get("Resource", "")
    return partial(_catchable, resource) if resource in _INVOKE else None


async def _catchable(resource: str, effective: Any) -> Any:
    """Has a fault of this server be one of the service's, so that a workflow can retry and catch it."""
    try:
        return await _INVOKE[resource](effective)
    except stepfunctions._ExecutionError:  # noqa: SLF001
        raise
    except Exception as error:
        _logger.exception("a task of %s", resource)
        raise _failed("States.TaskFailed", f"{type(error).__name__}: {error}") from error


async def _invoke_function(effective: Any) -> dict[str, Any]:
    reference = stepfunctions._resolve_lambda_function_ref(  # noqa: SLF001
        effective.get("FunctionName", ""), optimized=True
    )
    payload = json.dumps(effective.get("Payload", effective)).encode()
    try:
        outcome = await invoke(reference, payload, account=get_account_id(), region=get_region())
    except ServiceError as error:
        raise _failed(f"Lambda.{error.code}", error.message) from error
    body = json.loads(outcome.payload)
    if outcome.error:
        raise _failed(body.get("errorType", "Lambda.Unknown"), json.dumps(body))
    return {"StatusCode": 200, "Payload": body}


async def _batch_write(effective: Any) -> Any:
    if not all(map(_is_named_alike, _values_of(effective))):
        return await in_thread(stepfunctions._invoke_resource, _BATCH_WRITE, effective)  # noqa: SLF001
    status, _, body = batch_write.write(effective) or dynamodb._batch_write_item(effective)  # noqa: SLF001
    answer = json.loads(body)
    if status >= 400:
        error = stepfunctions._prefix_sdk_error("dynamodb", answer["__type"])  # noqa: SLF001
        raise _failed(error, answer.get("message", ""))
    return answer


def _values_of(effective: Any) -> Iterator[Any]:
    """The attribute values of all items and keys of a BatchWriteItem."""
    for requests in effective["RequestItems"].values():
        for request in requests:
            for (member,) in (operation.values() for operation in request.values()):
                yield from member.values()


def _is_named_alike(value: Any) -> bool:
    """Whether Step Functions calls the members of an attribute value as DynamoDB does: BOOL is Bool there."""
    ((kind, content),) = value.items()
    if kind == "L":
        return all(map(_is_named_alike, content))
    if kind == "M":
        return all(map(_is_named_alike, content.values()))
    return kind in {"S", "N", "B"}


def _failed(error: str, cause: str) -> Exception:
    failure: Exception = stepfunctions._ExecutionError(error, cause)  # noqa: SLF001
    return failure


_INVOKE: dict[str, Invoke] = {_LAMBDA: _invoke_function, _BATCH_WRITE: _batch_write}

"""Tasks of DynamoDB and SQS, which ministack answers in this process, without a connection."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from types import ModuleType
from typing import Any
from uuid import uuid4

from ministack.services import dynamodb, sqs

from nrti_local.dynamodb import batch_write
from nrti_local.server.shared.ask import OWN
from nrti_local.stepfunctions.asl.context import Call, Paused, Reply
from nrti_local.stepfunctions.asl.errors import RUNTIME, StateError
from nrti_local.stepfunctions.asl.limits import serialize
from nrti_local.stepfunctions.tasks import naming


@dataclass(frozen=True)
class _Service:
    """A service, and how the optimized integration names its errors.

    Attributes:
        module: ministack's.
        target: the prefix of its operations.
        prefix: of the names of errors.
        general: the error of an optimized integration that has no name of its own.
    """

    module: ModuleType
    target: str
    prefix: str
    general: str


SERVICES = {
    "dynamodb": _Service(dynamodb, "DynamoDB_20120810", "DynamoDB", "AmazonDynamoDBException"),
    "sqs": _Service(sqs, "AmazonSQS", "SQS", "AmazonSQSException"),
}


def call(service: str, action: str, *, optimized: bool) -> Call:
    """Returns the function that calls an operation.

    Args:
        service: a key of SERVICES.
        action: such as `batchWriteItem`.
        optimized: whether it is an optimized integration, and not one of the AWS SDK.
    """
    operation = action[:1].upper() + action[1:]
    if optimized:
        return partial(_optimized, service, operation)
    if (service, operation) == ("dynamodb", "BatchWriteItem"):
        return _batch_write
    return partial(_of_sdk, service, operation)


async def _optimized(service: str, operation: str, request: Any, _paused: Paused) -> Reply:
    if isinstance(request, dict) and isinstance(request.get("MessageBody"), dict | list):
        request = {**request, "MessageBody": serialize(request["MessageBody"])}
    status, body = await _ask(service, operation, request)
    if status < 400:
        return Reply(json.loads(body), len(body))
    known, (code, message) = SERVICES[service], _error(body)
    error = known.general if service == "sqs" or not _is_listed(service, code) else code
    detail = f"Status Code: {status}; Error Code: {code}; Request ID: {uuid4()}; Proxy: null"
    raise StateError(f"{known.prefix}.{error}", f"{message} (Service: Amazon{known.prefix}; {detail})")


async def _of_sdk(service: str, operation: str, request: Any, _paused: Paused) -> Reply:
    description = naming.model(service)
    if description is None or operation not in description.operation_names:
        raise StateError(RUNTIME, f"'{service}' has no operation '{operation}'")
    shapes = description.operation_model(operation)
    status, body = await _ask(service, operation, naming.to_request(request, shapes.input_shape))
    if status >= 400:
        raise _failed(service, status, body)
    return Reply(naming.from_answer(json.loads(body), shapes.output_shape))


async def _batch_write(request: Any, paused: Paused) -> Reply:
    """Writes items; the names of plain ones need no look at the description of DynamoDB."""
    written = batch_write.write(request)  # a plain batch needs not become JSON, and has names that are alike
    if written is None and not all(map(_is_named_alike, _values_of(request))):
        return await _of_sdk("dynamodb", "BatchWriteItem", request, paused)
    status, body = (written[0], written[2]) if written else await _ask("dynamodb", "BatchWriteItem", request)
    if status >= 400:
        raise _failed("dynamodb", status, body)
    return Reply(json.loads(body), len(body))


async def _ask(service: str, operation: str, request: Any) -> tuple[int, bytes]:
    known = SERVICES[service]
    headers = {**OWN, "x-amz-target": f"{known.target}.{operation}"}
    body = json.dumps(request).encode()
    status, _, content = await known.module.handle_request("POST", "/", headers, body, {})
    return status, content if isinstance(content, bytes) else content.encode()


def _error(body: bytes) -> tuple[str, str]:
    answer = json.loads(body)
    code = str(answer.get("__type", "")).rpartition("#")[2].rpartition(".")[2]
    return code, answer.get("message") or answer.get("Message", "")


def _is_listed(service: str, code: str) -> bool:
    description = naming.model(service)
    return description is not None and naming.is_listed(description, code)


def _failed(service: str, status: int, body: bytes) -> StateError:
    description = naming.model(service)
    if description is None:
        raise LookupError(service)
    code, message = _error(body)
    name = naming.service_name(description)
    detail = f"(Service: {name}, Status Code: {status}, Request ID: {uuid4()})"
    return StateError(naming.error_name(description, code), f"{message} {detail}")


def _values_of(request: Any) -> Iterator[Any]:
    """The attribute values of all items and keys of a BatchWriteItem."""
    for requests in request["RequestItems"].values():
        for operation in requests:
            for (member,) in (each.values() for each in operation.values()):
                yield from member.values()


def _is_named_alike(value: Any) -> bool:
    """Whether Step Functions names the members of an attribute value as DynamoDB does: BOOL is Bool there."""
    ((kind, content),) = value.items()
    if kind == "L":
        return all(map(_is_named_alike, content))
    if kind == "M":
        return all(map(_is_named_alike, content.values()))
    return kind in {"S", "N", "B"}

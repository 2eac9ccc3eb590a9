"""The control plane's wire protocol, AWS JSON 1.1: one path, and the operation in a header."""

from __future__ import annotations

from nrti_local.sagemaker.errors import internal_error
from nrti_local.sagemaker.http import Response, fault_headers, header, json_response
from nrti_local.sagemaker.operations import HANDLERS, refusals
from nrti_local.sagemaker.service import Service
from nrti_local.server.asgi import Receive, Scope, read
from nrti_local.server.shared.errors import ServiceError

_TYPE = "application/x-amz-json-1.1"
_PREFIX = "SageMaker."
_LIMIT_BYTES = 4 * 1024 * 1024


async def answer(service: Service, scope: Scope, receive: Receive) -> Response:
    """Carries out the operation that `X-Amz-Target` names."""
    body = await read(receive, _LIMIT_BYTES)
    operation = header(scope, b"x-amz-target").removeprefix(_PREFIX)
    try:
        return json_response(200, _carry_out(service, operation, body), _TYPE)
    except ServiceError as fault:
        content = {"__type": fault.code, "message": fault.message}
        return json_response(fault.status, content, _TYPE, fault_headers(fault))
    except Exception as error:  # noqa: BLE001 - `internal_error` logs it
        content = {"__type": "InternalFailure", "message": internal_error(operation, error)}
        return json_response(500, content, _TYPE)


def _carry_out(service: Service, operation: str, body: bytes | None) -> dict[str, object]:
    if body is None:
        raise ServiceError("RequestEntityTooLargeException", "The request is too large.", status=413)
    handler = HANDLERS.get(operation)
    if handler is None and service.api.knows(operation):
        raise ServiceError("UnknownOperationException", refusals.text(operation))
    request = service.api.read(operation, body)
    return service.api.answer(operation, HANDLERS[operation](service, request))

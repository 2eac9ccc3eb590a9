"""InvokeEndpoint, the runtime's REST API: returns the model's response, or AWS's error.

A request for another kind of endpoint or invocation is an error; none of its parameters is ignored.
"""

from __future__ import annotations

import re
import time
from urllib.parse import unquote

from nrti_local.sagemaker.http import Response, fault_headers, header, json_response
from nrti_local.sagemaker.service import Service
from nrti_local.sagemaker.serving.connection import Message
from nrti_local.sagemaker.serving.deployment import INSTANCE_PAYLOAD_BYTES, Variant
from nrti_local.sagemaker.serving.errors import ModelTimeoutError, NotReadyError, ReplicaError, ThrottledError
from nrti_local.server.asgi import Receive, Scope, read
from nrti_local.server.shared.errors import ServiceError

PATH = re.compile(r"/endpoints/([^/]+)/(invocations|invocations-response-stream|async-invocations)")
_ATTRIBUTES = b"x-amzn-sagemaker-custom-attributes"
#: The operations that are missing, by the last part of their path.
_OTHERS = {
    "invocations-response-stream": "InvokeEndpointWithResponseStream",
    "async-invocations": "InvokeEndpointAsync",
}
#: The headers of a request for another kind of endpoint, and the error; the first one's text is AWS's.
_OTHER_KINDS = {
    b"target-model": "Endpoint {endpoint} is not a multi-model endpoint and does not support target model "
    "header.",
    b"target-container-hostname": "Endpoint {endpoint} is not a multi-container endpoint and does not "
    "support target container hostname header.",
    b"inference-component": "Inference component {value} of account {account} not found.",
    b"enable-explanations": "Endpoint {endpoint} has no explainer configuration.",
    b"session-id": "The model of endpoint {endpoint} does not support stateful sessions.",
}


async def answer(service: Service, scope: Scope, receive: Receive, endpoint: str, operation: str) -> Response:
    """Carries out InvokeEndpoint, and refuses its siblings; `operation` is the last part of the path."""
    body = await read(receive, INSTANCE_PAYLOAD_BYTES)
    try:
        _check_operation(operation)
        return await _invoke(service, scope, unquote(endpoint), body)
    except ServiceError as fault:
        content = {"Message": fault.message, **fault.members}
        return json_response(fault.status, content, "application/json", fault_headers(fault))


async def _invoke(service: Service, scope: Scope, endpoint: str, body: bytes | None) -> Response:
    try:
        deployment = await service.endpoints.serving(endpoint)
    except NotReadyError as error:
        text = f"Endpoint {endpoint} is being brought back."
        raise ServiceError("ModelNotReadyException", text, status=429) from error
    if deployment is None:
        raise _invalid(f"Endpoint {endpoint} of account {service.settings.account} not found.")
    _check_kind(service, scope, endpoint)
    wanted = header(scope, b"x-amzn-sagemaker-target-variant")
    variant = deployment.choose(wanted)
    if variant is None:
        raise _invalid(f"Variant {wanted} of endpoint {endpoint} not found.")
    if body is None or len(body) > variant.payload:
        raise _invalid(f"Request body is larger than the limit of {variant.payload} bytes.")
    head, content = await _ask(service, scope, endpoint, variant, body)
    headers = [(b"x-amzn-invoked-production-variant", variant.name.encode())]
    if head["attributes"]:
        headers.append((_ATTRIBUTES, head["attributes"].encode("latin-1", errors="replace")))
    return Response(200, head["content_type"], content, headers)


def _check_operation(operation: str) -> None:
    if name := _OTHERS.get(operation):
        text = f"{name} is not in the embedded AWS; use InvokeEndpoint."
        raise ServiceError("UnknownOperationException", text)


def _check_kind(service: Service, scope: Scope, endpoint: str) -> None:
    for name, text in _OTHER_KINDS.items():
        if value := header(scope, b"x-amzn-sagemaker-" + name):
            raise _invalid(text.format(endpoint=endpoint, value=value, account=service.settings.account))


async def _ask(service: Service, scope: Scope, endpoint: str, variant: Variant, body: bytes) -> Message:
    """Returns the model's response if its status is 2xx.

    Raises:
        ServiceError: the status is another one, or the model did not respond.
    """
    request = {"content_type": header(scope, b"content-type"), "accept": header(scope, b"accept")}
    begun = time.perf_counter()
    try:
        head, content = await variant.ask(request, body)
    except (ThrottledError, NotReadyError, ModelTimeoutError, ReplicaError) as error:
        fault = _fault(service, endpoint, variant, error)
        service.metrics.invocation(endpoint, variant.name, fault.members.get("OriginalStatusCode", 400), None)
        raise fault from error
    service.metrics.invocation(endpoint, variant.name, head["status"], time.perf_counter() - begun)
    if head["status"] >= 300:
        raise _model_error(service, endpoint, head["status"], content.decode(errors="replace"))
    if len(content) > variant.payload:
        raise _model_error(service, endpoint, 500, f"the answer has more than {variant.payload} bytes")
    return head, content


def _fault(service: Service, endpoint: str, variant: Variant, error: Exception) -> ServiceError:
    match error:
        case ThrottledError():
            return ServiceError("ThrottlingException", "Rate exceeded", status=429)
        case NotReadyError():
            message = f"Production variant {variant.name} of endpoint {endpoint} is not ready for inference."
            return ServiceError("ModelNotReadyException", message, status=429)
        case ModelTimeoutError():
            text = "Your invocation timed out while waiting for a response from container primary"
            return _model_error(service, endpoint, 0, text)
        case _:
            return _model_error(service, endpoint, 500, str(error))


def _model_error(service: Service, endpoint: str, status: int, original: str) -> ServiceError:
    group = f"/aws/sagemaker/Endpoints/{endpoint}"
    account, region = service.settings.account, service.settings.region
    console = f"https://{region}.console.aws.amazon.com/cloudwatch/home?region={region}"
    who = "client" if 400 <= status < 500 else "server"
    return ServiceError(
        "ModelError",
        f'Received {who} error ({status}) from primary with message "{original}". See '
        f"{console}#logEventViewer:group={group} in account {account} for more information.",
        status=424,
        members={
            "OriginalStatusCode": status,
            "OriginalMessage": original,
            "LogStreamArn": f"arn:aws:logs:{region}:{account}:log-group:{group}",
        },
    )


def _invalid(message: str) -> ServiceError:
    return ServiceError("ValidationError", message)

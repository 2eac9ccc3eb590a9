"""The answer of a function by an AWS_PROXY integration: `statusCode`, `headers`, `body`."""

from __future__ import annotations

import base64
import binascii
import json
import logging
from typing import Any

from nrti_local.apigateway.errors import GatewayError
from nrti_local.apigateway.media_types import matches
from nrti_local.apigateway.request import Request
from nrti_local.apigateway.response import Response

_logger = logging.getLogger(__name__)


def of(payload: bytes, request: Request) -> Response:
    """Returns the answer that a function describes.

    Args:
        payload: of the function, in JSON.
        request: that is answered.

    Raises:
        GatewayError: the function's answer is malformed.
    """
    try:
        return _response(json.loads(payload), request)
    except (AttributeError, TypeError, ValueError, binascii.Error) as error:
        _logger.warning("malformed Lambda proxy response: %s: %.200r", error, payload)
        raise GatewayError("DEFAULT_5XX", status=502) from error


def _response(answer: dict[str, Any], request: Request) -> Response:
    response = Response(int(answer.get("statusCode", 200)), {"Content-Type": "application/json"})
    for name, value in (answer.get("headers") or {}).items():
        response.set(name, _text(value))
    for name, values in (answer.get("multiValueHeaders") or {}).items():
        response.set(name, [_text(value) for value in values])
    response.body = _body(answer, request)
    return response


def _body(answer: dict[str, Any], request: Request) -> bytes:
    body = answer.get("body") or ""
    if not isinstance(body, str):
        raise TypeError("the body is not a string")
    if answer.get("isBase64Encoded") and matches(request.accept, request.api.binary_media_types):
        return base64.b64decode(body)
    return body.encode()


def _text(value: Any) -> str:
    """A header's value; functions may give numbers and booleans, too."""
    return value if isinstance(value, str) else json.dumps(value)

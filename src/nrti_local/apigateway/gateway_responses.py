"""Gateway responses: what API Gateway itself answers when it refuses a request, or fails.

A response of the API's own comes first, then its DEFAULT_4XX or DEFAULT_5XX, then the texts of AWS.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from nrti_local.apigateway import mapping
from nrti_local.apigateway.errors import GatewayError
from nrti_local.apigateway.response import Response

if TYPE_CHECKING:
    from nrti_local.apigateway.request import Request

_DEFAULT_TEMPLATE = '{"message":$context.error.messageString}'
#: A gateway response knows variables, but no directives of Velocity.
_VARIABLE = re.compile(r"\$(?:\{(context(?:\.\w+)+)\}|(context(?:\.[A-Za-z]\w*)+))")
_ERROR_TYPES = {
    "ACCESS_DENIED": "AccessDeniedException",
    "API_CONFIGURATION_ERROR": "InternalServerErrorException",
    "AUTHORIZER_CONFIGURATION_ERROR": "AuthorizerConfigurationException",
    "AUTHORIZER_FAILURE": "AuthorizerConfigurationException",
    "BAD_REQUEST_BODY": "BadRequestException",
    "BAD_REQUEST_PARAMETERS": "BadRequestException",
    "DEFAULT_5XX": "InternalServerErrorException",
    "MISSING_AUTHENTICATION_TOKEN": "MissingAuthenticationTokenException",
    "THROTTLED": "TooManyRequestsException",
    "UNAUTHORIZED": "UnauthorizedException",
}
#: AWS puts a blank before the message of these, where it is a JSON string.
_WITH_BLANK = {
    "API_CONFIGURATION_ERROR",
    "AUTHORIZER_CONFIGURATION_ERROR",
    "BAD_REQUEST_BODY",
    "BAD_REQUEST_PARAMETERS",
    "DEFAULT_5XX",
}
#: Types that AWS names otherwise in `$context.error.responseType`.
_SHOWN_AS = {"AUTHORIZER_CONFIGURATION_ERROR": "API_CONFIGURATION_ERROR"}


def render(error: GatewayError, request: Request) -> Response:
    """Renders the gateway response for an error; the template is that for JSON, whatever Accept says."""
    described = request.api.gateway_responses[error.kind]
    request.context["error"] = _variables(error)
    body = _VARIABLE.sub(lambda found: _value(found, request.context), _template(error, request))
    headers: dict[str, Any] = {"Content-Type": "application/json"}
    headers |= mapping.headers(described.get("responseParameters"), "gatewayresponse.header.", request)
    if error.kind in _ERROR_TYPES:
        headers["x-amzn-ErrorType"] = _ERROR_TYPES[error.kind]
    return Response(int(described.get("statusCode") or error.status), headers, body.encode())


def _variables(error: GatewayError) -> dict[str, str]:
    message = json.dumps(error.message)
    return {
        "message": error.message or "",
        "messageString": f" {message}" if error.kind in _WITH_BLANK else message,
        "responseType": _SHOWN_AS.get(error.kind, error.kind),
        # It stands within a JSON string, where a quote would end the string.
        "validationErrorString": json.dumps(error.validation)[1:-1],
    }


def _template(error: GatewayError, request: Request) -> str:
    responses = request.api.gateway_responses
    custom = [kind for kind in (error.kind, "DEFAULT_4XX") if not responses[kind].get("defaultResponse")]
    if error.kind == "ACCESS_DENIED" and not custom:
        return _DEFAULT_TEMPLATE.replace("message", "Message", 1)
    templates = responses[error.kind].get("responseTemplates") or {}
    return str(templates.get("application/json", _DEFAULT_TEMPLATE))


def _value(found: re.Match[str], context: dict[str, Any]) -> str:
    """The value of a variable; one that is unknown stays as it is written."""
    value = mapping.of_context(context, (found[1] or found[2]).removeprefix("context."))
    return found[0] if value is None else value

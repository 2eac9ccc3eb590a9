"""The error with which API Gateway refuses a request; `gateway_responses` renders it."""

from __future__ import annotations

#: `$context.error.message` of each type that has a fixed one.
_MESSAGES = {
    "API_CONFIGURATION_ERROR": "Internal server error",
    "AUTHORIZER_CONFIGURATION_ERROR": "Internal server error",
    "BAD_REQUEST_BODY": "Invalid request body",
    "DEFAULT_5XX": "Internal server error",
    "INTEGRATION_FAILURE": "Internal server error",
    "INTEGRATION_TIMEOUT": "Endpoint request timed out",
    "INVALID_API_KEY": "Forbidden",
    "MISSING_AUTHENTICATION_TOKEN": "Missing Authentication Token",
    "QUOTA_EXCEEDED": "Limit Exceeded",
    "REQUEST_TOO_LARGE": "Request Too Long",
    "THROTTLED": "Too Many Requests",
    "UNAUTHORIZED": "Unauthorized",
    "UNSUPPORTED_MEDIA_TYPE": "Unsupported Media Type",
}


class GatewayError(Exception):
    """API Gateway refuses a request, or fails.

    Args:
        kind: the type of gateway response, such as `INVALID_API_KEY`.
        message: what is wrong; left out, AWS's text for the type, which is none for AUTHORIZER_FAILURE.
        validation: what is wrong with the body, for `$context.error.validationErrorString`.
        status: of the answer, for the types DEFAULT_4XX and DEFAULT_5XX.
    """

    def __init__(
        self, kind: str, message: str | None = None, validation: str = "", status: int = 500
    ) -> None:
        super().__init__(kind)
        self.kind = kind
        self.message = _MESSAGES.get(kind) if message is None else message
        self.validation = validation
        self.status = status

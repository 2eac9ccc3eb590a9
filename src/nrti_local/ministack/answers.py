"""Answers of services with the JSON protocol: members, or an error."""

from __future__ import annotations

from typing import Any

from ministack.core.responses import error_response_json, json_response

from nrti_local.server.asgi import Answer


def done(members: dict[str, Any]) -> Answer:
    """An answer with these members."""
    answer: Answer = json_response(members)
    return answer


def refused(code: str, message: str) -> Answer:
    """An error of the client."""
    answer: Answer = error_response_json(code, message, 400)
    return answer


def invalid(message: str) -> Answer:
    """The error of DynamoDB for a request that is wrong."""
    return refused("ValidationException", message)

"""The access log of a stage: a line for each request, in the format of the stage's accessLogSettings."""

from __future__ import annotations

import json
import re
from typing import Any

from nrti_local.apigateway import mapping
from nrti_local.apigateway.request import Request
from nrti_local.apigateway.response import Response
from nrti_local.cloudwatch import logs

_VARIABLE = re.compile(r"\$context\.(\w+(?:\.\w+)*)")
#: What AWS writes for a variable without a value.
_NONE = "-"


def write(request: Request, response: Response, milliseconds: float) -> None:
    """Writes the line of a request, if the stage logs to a log group; there is no other destination here.

    Args:
        request: that was answered.
        response: its answer.
        milliseconds: between the two.
    """
    settings = request.api.stage.get("accessLogSettings") or {}
    group = settings.get("destinationArn", "").partition(":log-group:")[2].removesuffix(":*")
    if group and settings.get("format"):
        values = _values(request, response, milliseconds)
        line = _VARIABLE.sub(lambda found: mapping.of_context(values, found[1]) or _NONE, settings["format"])
        logs.append(group, f"{request.api.id}/{request.api.stage_name}", [line])


def _values(request: Request, response: Response, milliseconds: float) -> dict[str, Any]:
    """What `$context` holds of a request that was answered."""
    context = request.context
    identity = context["identity"]
    refused = "error" in context
    key = request.api.keys.get(request.headers.get("x-api-key", ""))
    return {
        **context,
        "status": response.status,
        "responseLength": len(response.body),
        "responseLatency": round(milliseconds),
        "integration": {"status": "" if refused else "200"},
        "identity": {
            **identity,
            # In a format that is JSON a quote would end the text.
            "userAgent": json.dumps(identity["userAgent"])[1:-1],
            "apiKeyId": key.id if key else "",
        },
    }

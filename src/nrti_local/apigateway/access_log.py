"""The access log of a REST API: a line for each request, as the stage's accessLogSettings ask for it."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from ministack.services import apigateway_v1

from nrti_local.cloudwatch import logs

_VARIABLE = re.compile(r"\$context\.(\w+(?:\.\w+)*)")
#: What AWS writes for a variable without a value.
_NONE = "-"
#: By which gateway response the request that is being answered was refused; empty if it was not.
refusal: ContextVar[str] = ContextVar("refusal", default="")


@dataclass(frozen=True)
class Call:
    """A request and its answer.

    Attributes:
        told: the answer's headers.
        milliseconds: between the two.
    """

    api_id: str
    stage: str
    method: str
    path: str
    headers: Mapping[str, str]
    status: int
    told: Mapping[str, str]
    length: int
    milliseconds: float


def write(call: Call) -> None:
    """Writes a line, if the stage is to log; for a destination other than a log group it writes none."""
    stage = apigateway_v1._stages_v1.get(call.api_id, {}).get(call.stage) or {}  # noqa: SLF001
    settings = stage.get("accessLogSettings") or {}
    group = settings.get("destinationArn", "").partition(":log-group:")[2].removesuffix(":*")
    if group and settings.get("format"):
        values = _variables(call)
        line = _VARIABLE.sub(lambda found: values.get(found[1]) or _NONE, settings["format"])
        logs.append(group, f"{call.api_id}/{call.stage}", [line])


def _variables(call: Call) -> dict[str, str]:
    headers = {name.lower(): value for name, value in call.headers.items()}
    told = {name.lower(): value for name, value in call.told.items()}
    now = time.time()
    return {
        "apiId": call.api_id,
        "stage": call.stage,
        "requestId": told.get("x-amzn-requestid") or str(uuid4()),
        "requestTime": time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(now)),
        "requestTimeEpoch": str(int(now * 1000)),
        "httpMethod": call.method,
        "path": f"/{call.stage}{call.path}",
        "resourcePath": call.path,
        "protocol": "HTTP/1.1",
        "status": str(call.status),
        "responseLength": str(call.length),
        "responseLatency": str(round(call.milliseconds)),
        "integration.status": "" if refusal.get() else "200",
        "error.responseType": refusal.get(),
        "identity.sourceIp": "127.0.0.1",
        # In a format that is JSON a quote would end the text.
        "identity.userAgent": json.dumps(headers.get("user-agent", ""))[1:-1],
        "identity.apiKeyId": _key_id(headers.get("x-api-key")),
    }


def _key_id(value: str | None) -> str:
    keys: Mapping[str, Any] = apigateway_v1._api_keys  # noqa: SLF001
    return next((name for name, key in keys.items() if value and key.get("value") == value), "")

"""A request to a REST API, and its variables for mapping templates and logs."""

from __future__ import annotations

import base64
import secrets
import time
import zlib
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Self
from urllib.parse import parse_qs

import uuid_utils

from nrti_local.apigateway.deployed import Api
from nrti_local.apigateway.media_types import media_type
from nrti_local.apigateway.routing import Route
from nrti_local.server.asgi import Scope

#: The server answers on the loopback only.
_CLIENT = "127.0.0.1"
#: The longest body that API Gateway takes.
MAX_BODY_BYTES = 10 * 1024 * 1024
#: What zlib calls the format of gzip.
_GZIP = 31


@dataclass
class Request:
    """A request to an API at one of its stages.

    Attributes:
        api: that it is for.
        method: of HTTP.
        path: within the stage.
        headers: by their names in lower case; the values of one that is repeated are joined.
        query: the values of each name.
        body: its bytes.
        scope: as the server received it.
        sent: the body as the server received it, which may be compressed.
        route: what serves it, once that is known.
        received: when it came, in seconds since the epoch.
    """

    api: Api
    method: str
    path: str
    headers: dict[str, str]
    query: dict[str, list[str]]
    body: bytes
    scope: Scope = field(default_factory=dict)
    sent: bytes = b""
    route: Route | None = None
    received: float = field(default_factory=time.time)

    @classmethod
    def of(cls, api: Api, path: str, scope: Scope, body: bytes) -> Self:
        """Makes the request that a server received.

        Args:
            api: that it is for.
            path: within the stage.
            scope: of the request.
            body: all of it.
        """
        headers = _headers(scope)
        inflated = _inflated(body, headers.get("content-encoding", ""))
        return cls(api, scope["method"], path, headers, _query(scope), inflated, scope, body)

    @cached_property
    def text(self) -> str:
        """The body, with a replacement for what is no UTF-8."""
        return self.body.decode("utf-8", "replace")

    @cached_property
    def id(self) -> str:
        """The request's id, which its answer carries too; a client may choose it."""
        return self.headers.get("x-amzn-requestid") or str(uuid_utils.uuid4())

    @cached_property
    def extended_id(self) -> str:
        """The id that API Gateway generates, whatever the client sends: 11 bytes in base 64."""
        return base64.urlsafe_b64encode(secrets.token_bytes(11)).decode()

    @property
    def content_type(self) -> str:
        """The media type of the body; JSON without one, as API Gateway takes it."""
        return media_type(self.headers.get("content-type") or "application/json")

    @property
    def accept(self) -> str:
        """The first media type that the client accepts."""
        return media_type(self.headers.get("accept", "").split(",", 1)[0])

    @property
    def path_parameters(self) -> dict[str, str]:
        """The values of the parts of the path that stand in braces in the resource's."""
        return self.route.parameters if self.route else {}

    @property
    def stage_variables(self) -> dict[str, str]:
        """The variables of the stage."""
        return self.api.stage.get("variables") or {}

    @property
    def parameters(self) -> dict[str, dict[str, str]]:
        """What `$input.params()` returns."""
        query = {name: values[-1] for name, values in self.query.items()}
        return {"path": self.path_parameters, "querystring": query, "header": self.headers}

    def first_of_query(self, name: str) -> str | None:
        """Returns the first value of a name in the query string, or None."""
        return next(iter(self.query.get(name, ())), None)

    @cached_property
    def context(self) -> dict[str, Any]:
        """What `$context` holds. A template may set `responseOverride`, and each step adds what it knows."""
        resource = self.route.resource if self.route else None
        moment = time.gmtime(self.received)
        return {
            "accountId": self.api.account,
            "apiId": self.api.id,
            "extendedRequestId": self.extended_id,
            "httpMethod": self.method,
            "identity": {"sourceIp": _CLIENT, "userAgent": self.headers.get("user-agent", "")},
            "path": f"/{self.api.stage_name}{self.path}",
            "protocol": "HTTP/1.1",
            "requestId": self.id,
            "requestTime": time.strftime("%d/%b/%Y:%H:%M:%S +0000", moment),
            "requestTimeEpoch": int(self.received * 1000),
            "resourceId": resource.id if resource else "",
            "resourcePath": resource.path if resource else "",
            "responseOverride": {"header": {}},
            "stage": self.api.stage_name,
        }


def _headers(scope: Scope) -> dict[str, str]:
    """By name; the values of a header that is repeated are joined, as RFC 9110 has it."""
    headers: dict[str, str] = {}
    for raw, value in scope["headers"]:
        name, text = raw.decode("latin-1"), _text(value)
        separator = "; " if name == "cookie" else ", "
        headers[name] = f"{headers[name]}{separator}{text}" if name in headers else text
    return headers


def _text(value: bytes) -> str:
    """A header's value: UTF-8, or Latin-1 if it is not UTF-8."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")


def _query(scope: Scope) -> dict[str, list[str]]:
    text = scope["query_string"]
    return parse_qs(text.decode("latin-1"), keep_blank_values=True) if text else {}


def _inflated(body: bytes, encoding: str) -> bytes:
    """A body that its sender compressed; one that is not what it claims to be stays as it is."""
    if encoding.strip().lower() != "gzip":
        return body
    try:
        return zlib.decompressobj(wbits=_GZIP).decompress(body, MAX_BODY_BYTES + 1)
    except zlib.error:
        return body

"""The service that a request is for, and errors in the protocol of the service."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

from nrti_local.server.asgi import Scope

#: In the Authorization header of a signed request: the key, the day, the region, the service.
_SIGNED = re.compile(rb"Credential=[^/\s]+/\d{8}/[^/\s]+/([^/\s]+)/aws4_request")
#: Services whose operations are paths, and whose answers are XML.
_XML = {"s3", "s3express", "cloudfront", "route53"}
_FORM = b"application/x-www-form-urlencoded"

#: Status, headers and body.
RawAnswer = tuple[int, list[tuple[bytes, bytes]], bytes]


@dataclass(frozen=True)
class Request:
    """The method and headers of a signed request.

    Attributes:
        service: as it is signed, such as `states`.
        target: the operation in its header, or empty: services with paths have none, and services with forms
            have it in the body.
        method: of HTTP.
        path: as it was sent.
        query: the query string.
        form: whether the body is a form.
        cbor: whether the client reads CBOR.
    """

    service: str
    target: str
    method: str
    path: str
    query: str
    form: bool
    cbor: bool

    def name(self, body: bytes = b"") -> str:
        """The operation, or method and path."""
        action = parse_qs(body.decode("latin-1")).get("Action", [""])[0] if self.form else ""
        return self.target or action or f"{self.method} {self.path}{'?' * bool(self.query)}{self.query}"

    def error(self, status: int, code: str, message: str) -> RawAnswer:
        """An error in the format of the service."""
        if self.cbor:
            headers = [(b"content-type", b"application/cbor"), (b"smithy-protocol", b"rpc-v2-cbor")]
            return status, headers, _cbor({"__type": code, "message": message})
        if self.form or self.service in _XML:
            return status, [(b"content-type", b"text/xml")], self._xml(code, message).encode()
        kind = b"application/x-amz-json-1.0" if self.target else b"application/json"
        body = json.dumps({"__type": code, "message": message}).encode()
        return status, [(b"content-type", kind), (b"x-amzn-errortype", code.encode())], body

    def _xml(self, code: str, message: str) -> str:
        inner = f"<Code>{escape(code)}</Code><Message>{escape(message)}</Message>"
        if self.service.startswith("s3"):
            return f'<?xml version="1.0" encoding="UTF-8"?><Error>{inner}</Error>'
        return f"<ErrorResponse><Error><Type>Sender</Type>{inner}</Error></ErrorResponse>"


def request(scope: Scope) -> Request | None:
    """Reads the method and headers of a request; None if it is not signed."""
    headers = dict(scope["headers"])
    signed = _SIGNED.search(headers.get(b"authorization", b""))
    if signed is None:
        return None
    path = scope["path"]
    cbor = b"cbor" in headers.get(b"smithy-protocol", b"") + headers.get(b"content-type", b"")
    target = headers.get(b"x-amz-target", b"").rpartition(b".")[2].decode("latin-1")
    if path.startswith("/service/") and "/operation/" in path:
        target = path.rpartition("/operation/")[2]
    return Request(
        service=signed[1].decode("latin-1"),
        target=target,
        method=scope["method"],
        path=path,
        query=scope["query_string"].decode("latin-1"),
        form=headers.get(b"content-type", b"").startswith(_FORM),
        cbor=cbor,
    )


def _cbor(texts: Mapping[str, str]) -> bytes:
    """A map of strings in CBOR (RFC 8949), with fewer than 24 members."""
    return bytes([0xA0 + len(texts)]) + b"".join(_cbor_text(n) + _cbor_text(t) for n, t in texts.items())


def _cbor_text(text: str) -> bytes:
    content = text.encode()
    return b"\x79" + len(content).to_bytes(2, "big") + content

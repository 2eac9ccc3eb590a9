"""Says in words what the embedded AWS has not: no empty answer, no odd error, nothing that is not true."""

from __future__ import annotations

import re
from collections.abc import MutableMapping
from typing import Any
from urllib.parse import parse_qsl

from nrti_local.server import protocols
from nrti_local.server.asgi import Application, Receive, Scope, Send, respond
from nrti_local.server.protocols import Request

#: How ministack words that it does not know an operation, a path or a service. A quote inside of a message is
#: escaped, so that no text of a user's can look like it.
_UNKNOWN = re.compile(
    rb"""(?: "(?:[Mm]essage|error)":\s?" | <Message> | message[\x60-\x7b][\s\S]{0,2}? )
    (?: Unknown\ [\w ]*(?:action|operation|path):\ | The\ action\ \w+\ is\ not\ valid\ for\ this\ endpoint
      | Function\ not\ found:\ / | Unsupported\ service:\ | The\ specified\ method\ is\ not\ allowed )""",
    re.VERBOSE,
)
#: What ministack answers as if it had it, by the service: operations that have names.
_NAMED = {
    "cloudformation": {"DescribeEvents"},
    "events": {"ActivateEventSource", "DeactivateEventSource", "DescribeEventSource"},
    "states": {"ValidateStateMachineDefinition"},
}
#: As _NAMED, of services with paths: method and path.
_PATHS = {
    "apigateway": re.compile(r"GET /(usageplans/[^/]+/usage|restapis/[^/]+/models/[^/]+/default_template)"),
    "lambda": re.compile(r"[A-Z]+ /\d{4}-\d\d-\d\d/code-signing-configs.*|PUT .*/code-signing-config"),
}
#: As _NAMED: what follows the path. ministack lists a bucket, reads an object or makes a bucket instead.
_QUERIES = {
    "apigateway": {"import"},
    "s3": {
        "abac",
        "analytics",
        "intelligent-tiering",
        "inventory",
        "metadataAnnotationTable",
        "metadataConfiguration",
        "metadataInventoryTable",
        "metadataJournalTable",
        "metadataTable",
        "metrics",
        "policyStatus",
        "renameObject",
        "requestPayment",
        "session",
        "torrent",
    },
}


def before(ministack: Application) -> Application:
    """Refuses what is not in the embedded AWS, and has ministack answer all others."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        request = protocols.request(scope) if scope["type"] == "http" else None
        if request is None:
            await ministack(scope, receive, send)
        elif _pretended(request):
            await _refuse(request, request.name(), send)
        else:
            answer = _Answer(request, send)
            await ministack(scope, answer.reading(receive), answer.send)

    return serve


def _pretended(request: Request) -> bool:
    """Whether ministack would answer as if it had what it has not."""
    if request.target in _NAMED.get(request.service, ()):
        return True
    pattern = _PATHS.get(request.service)
    if pattern and pattern.fullmatch(f"{request.method} {request.path}"):
        return True
    names = _QUERIES.get(request.service)
    return bool(names and request.query and names & _words(request))


def _words(request: Request) -> set[str]:
    """The names in a query, and the values of `mode`."""
    pairs = parse_qsl(request.query, keep_blank_values=True)
    return {value if name == "mode" else name for name, value in pairs}


async def _refuse(request: Request, name: str, send: Send) -> None:
    code = "NotImplemented" if request.service == "s3" else "UnknownOperationException"
    status = 501 if request.service == "s3" else 400
    message = f"{request.service}: {name} is not in the embedded AWS"
    await respond(send, *request.error(status, code, message))


class _Answer:
    """Lets an answer pass, unless ministack says in it that it does not know what it is asked."""

    def __init__(self, request: Request, send: Send) -> None:
        self._request = request
        self._send = send
        self._asked = b""
        self._start: MutableMapping[str, Any] | None = None
        self._body = b""

    def reading(self, receive: Receive) -> Receive:
        """Takes note of a form, which has the operation's name."""
        if not self._request.form:
            return receive

        async def reading() -> MutableMapping[str, Any]:
            message = await receive()
            self._asked += message.get("body", b"")
            return message

        return reading

    async def send(self, message: MutableMapping[str, Any]) -> None:
        """Holds back an error until all of it is there."""
        if message["type"] == "http.response.start" and message["status"] >= 400:
            self._start = message
        elif self._start is None:
            await self._send(message)
        else:
            self._body += message.get("body", b"")
            if not message.get("more_body"):
                await self._end(self._start)

    async def _end(self, start: MutableMapping[str, Any]) -> None:
        if _UNKNOWN.search(self._body):
            await _refuse(self._request, self._request.name(self._asked), self._send)
            return
        await self._send(start)
        await self._send({"type": "http.response.body", "body": self._body})

"""The pages of ListShards: on AWS a NextToken stands for the stream too, and is not sent beside its name."""

from __future__ import annotations

import base64
import json
from typing import Any

from nrti_local.server import protocols
from nrti_local.server.asgi import Application, Receive, Scope, Send, read, respond
from nrti_local.server.inner_requests import answer_of, replacing

_OPERATION = ("kinesis", "ListShards")
#: Between ministack's token, which has letters and digits of base 64 only, and the stream.
_BETWEEN = "."
_NAMES = ("StreamName", "StreamARN")
_BOTH = "NextToken and StreamName cannot be provided together."


def before(ministack: Application) -> Application:
    """Writes the stream into the tokens, and reads it from them."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        request = protocols.request(scope) if scope["type"] == "http" else None
        if request is None or request.cbor or (request.service, request.target) != _OPERATION:
            await ministack(scope, receive, send)
            return
        original = await read(receive)
        asked = _members(original)
        if "NextToken" in asked and asked.keys() & set(_NAMES):
            await respond(send, *request.error(400, "InvalidArgumentException", _BOTH))
            return
        asked = _with_stream(asked)
        body = json.dumps(asked).encode()
        status, headers, answer = await answer_of(ministack, *replacing(scope, original, body))
        await respond(send, status, headers, _marked(answer, asked))

    return serve


def _members(body: bytes) -> dict[str, Any]:
    try:
        members = json.loads(body)
    except ValueError:
        return {}
    return members if isinstance(members, dict) else {}


def _with_stream(asked: dict[str, Any]) -> dict[str, Any]:
    """The request with the stream that its token names; ministack refuses a token that names none."""
    token, between, stream = str(asked.get("NextToken") or "").partition(_BETWEEN)
    if not between:
        return asked
    try:
        named = json.loads(base64.urlsafe_b64decode(stream))
    except ValueError:
        return asked
    return {**asked, **named, "NextToken": token}


def _marked(answer: bytes, asked: dict[str, Any]) -> bytes:
    """The answer with the stream in its token."""
    members = _members(answer)
    if "NextToken" not in members:
        return answer
    named = json.dumps({name: asked[name] for name in _NAMES if name in asked})
    members["NextToken"] += _BETWEEN + base64.urlsafe_b64encode(named.encode()).decode()
    return json.dumps(members).encode()

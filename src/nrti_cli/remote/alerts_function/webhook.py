"""Sends JSON to a webhook.

The address is a secret. Nothing that comes from the connection is passed on but the number of the status and
the kind of an error: messages of errors and bodies of answers may contain the address.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any
from urllib.parse import urlsplit

_TIMEOUT_SECONDS = 10.0


@dataclass(frozen=True)
class Answer:
    """What came of sending a message.

    Attributes:
        delivered: whether the receiver has accepted it.
        text: the answer, or why there is none.
        certain: whether `delivered` is certain: if the connection breaks after the request was sent, the
            receiver may have the message.
    """

    delivered: bool
    text: str
    certain: bool = True


def post(address: str, document: Mapping[str, Any]) -> Answer:
    """Sends a document; redirections are not followed."""
    try:
        connection = _connected(address)
    except (OSError, HTTPException, ValueError) as error:
        return Answer(False, f"not reachable ({type(error).__name__})")
    try:
        parts = urlsplit(address)
        path = f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}"
        body = json.dumps(document).encode()
        connection.request("POST", path, body, {"Content-Type": "application/json", "User-Agent": "nrti"})
        status = connection.getresponse().status
    except (OSError, HTTPException, ValueError) as error:
        return Answer(False, f"no answer ({type(error).__name__})", certain=False)
    finally:
        connection.close()
    return Answer(200 <= status < 300, _shown(status))


def probe(address: str) -> Answer:
    """Connects and sends nothing."""
    try:
        _connected(address).close()
    except (OSError, HTTPException, ValueError) as error:
        return Answer(False, f"not reachable ({type(error).__name__})")
    return Answer(True, "reachable")


def _connected(address: str) -> HTTPConnection:
    parts = urlsplit(address)
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=_TIMEOUT_SECONDS)
    connection.connect()
    return connection


def _shown(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)

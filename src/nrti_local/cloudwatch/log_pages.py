"""FilterLogEvents with a prefix of streams, pages, and ids of events, which ministack's lacks."""

from __future__ import annotations

import json
from collections import Counter
from hashlib import sha256
from typing import Any

from ministack.services import cloudwatch_logs

from nrti_local.server import protocols
from nrti_local.server.asgi import Application, Receive, Scope, Send, read, respond
from nrti_local.server.ask import ask_json
from nrti_local.server.caller import identify
from nrti_local.server.inner_requests import answer_of, replacing, replaying

_OPERATION = ("logs", "FilterLogEvents")
_GROUP = ("logGroupName", "logGroupIdentifier")
#: Events of one answer at most.
_PAGE = 10_000
_WRONG_PAGE = "The specified nextToken is invalid."
#: A stream that does not exist.
_NONE = [""]

Members = dict[str, Any]


def before(ministack: Application) -> Application:
    """Puts the request for a page as ministack reads it, and completes the answer.

    The token of a page is a time, and how many events of that time came before.
    """

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        request = protocols.request(scope) if scope["type"] == "http" else None
        if request is None or (request.service, request.target) != _OPERATION:
            await ministack(scope, receive, send)
            return
        body = await read(receive)
        asked = _members(body)
        if asked is None:
            await ministack(scope, replaying(body), send)  # which answers with an error
            return
        try:
            start, passed = _position(asked)
        except ValueError:
            await respond(send, *request.error(400, "InvalidParameterException", _WRONG_PAGE))
            return
        limit = min(passed + asked.get("limit", _PAGE), _PAGE)
        identify(scope)
        page = {**asked, "startTime": start, "limit": limit, **_streams(asked)}
        content = json.dumps(page).encode()
        status, headers, answer = await answer_of(ministack, *replacing(scope, body, content))
        if status == 200:
            answer = _completed(json.loads(answer)["events"], passed, limit)
        await respond(send, status, headers, answer)

    return serve


def _members(body: bytes) -> Members | None:
    """The members of a request; None if it is not one that can be put for a page."""
    try:
        asked = json.loads(body)
    except ValueError:
        return None
    valid = isinstance(asked, dict) and isinstance(asked.get("limit", _PAGE), int)
    return asked if valid else None


def _position(asked: Members) -> tuple[int, int]:
    """The time at which a page begins, and how many events of that time came before."""
    if "nextToken" not in asked:
        return asked.get("startTime", 0), 0
    start, _, passed = str(asked["nextToken"]).partition("/")
    return int(start), int(passed)


def _streams(asked: Members) -> Members:
    """The streams that the request names by a prefix."""
    prefix = asked.get("logStreamNamePrefix")
    if not prefix:
        return {}
    page: Members = {name: asked[name] for name in _GROUP if name in asked}
    page["logStreamNamePrefix"] = prefix
    names: list[str] = []
    while True:
        try:
            found = ask_json(cloudwatch_logs, "Logs_20140328.DescribeLogStreams", page)
        except ValueError:  # the group does not exist, as the request itself finds out
            return {}
        names += [stream["logStreamName"] for stream in found["logStreams"]]
        if not found.get("nextToken"):
            return {"logStreamNames": names or _NONE}
        page["nextToken"] = found["nextToken"]


def _completed(found: list[Members], passed: int, limit: int) -> bytes:
    _add_ids(found)
    answer: Members = {"events": found[passed:], "searchedLogStreams": []}
    if len(found) == limit:
        last = found[-1]["timestamp"]
        answer["nextToken"] = f"{last}/{sum(event['timestamp'] == last for event in found)}"
    return json.dumps(answer).encode()


def _add_ids(events: list[Members]) -> None:
    """Adds ids that are the same whenever the events are read: those of one time always come together."""
    alike: Counter[tuple[str, int, str]] = Counter()
    for event in events:
        key = event["logStreamName"], event["timestamp"], event["message"]
        alike[key] += 1
        event["eventId"] = sha256(f"{key}{alike[key]}".encode()).hexdigest()[:56]

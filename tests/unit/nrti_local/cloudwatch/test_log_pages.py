"""What FilterLogEvents asks ministack for a page, and what of its answer makes one."""

from __future__ import annotations

import json
from typing import Any

from nrti_local.cloudwatch import log_pages
from tests.unit.nrti_local.asgi import Answer, Fake, ask

EVENTS = [{"logStreamName": "s", "timestamp": at, "message": "m"} for at in (5, 7, 7, 7)]


def _filtered(request: Any, events: list[dict[str, Any]]) -> tuple[Answer, list[Any]]:
    ministack = Fake(body=json.dumps({"events": events}).encode())
    body = json.dumps(request).encode()
    answer = ask(log_pages.before(ministack), "logs", target="Logs_20140328.FilterLogEvents", body=body)
    return answer, [json.loads(asked) for _, asked in ministack.asked]


def test_a_page_ends_within_a_time_and_the_next_begins_there() -> None:
    first, _ = _filtered({"logGroupName": "g", "limit": 3}, EVENTS[:3])
    members = json.loads(first.body)
    assert [event["timestamp"] for event in members["events"]] == [5, 7, 7]
    assert members["nextToken"] == "7/2"

    second, (asked,) = _filtered({"logGroupName": "g", "limit": 3, "nextToken": "7/2"}, EVENTS[1:])
    assert (asked["startTime"], asked["limit"]) == (7, 5)
    (last,) = json.loads(second.body)["events"]
    assert last["eventId"] not in {event["eventId"] for event in members["events"]}
    assert "nextToken" not in json.loads(second.body)


def test_an_invalid_token_is_refused() -> None:
    answer, asked = _filtered({"logGroupName": "g", "nextToken": "other"}, EVENTS)

    assert json.loads(answer.body)["__type"] == "InvalidParameterException"
    assert not asked


def test_requests_that_are_no_objects_are_left_to_ministack() -> None:
    requests: list[Any] = [[], {"limit": "3"}]
    for request in requests:
        assert _filtered(request, [])[1] == [request]


def test_other_operations_pass_unchanged() -> None:
    ministack = Fake()

    answer = ask(log_pages.before(ministack), "logs", target="Logs_20140328.GetLogEvents", body=b"no JSON")

    assert answer.body == b"{}"
    assert ministack.asked[0][1] == b"no JSON"

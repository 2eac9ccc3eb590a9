"""The API under hostile requests: nothing crashes or hangs, refusals have reasons, what is accepted arrives.

`make test` sends a few hundred, `make fuzz` thousands; they are the same ones each time.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.local import fuzz_bodies
from tests.local.conftest import Nrti
from tests.local.deployed import Pipeline, event
from tests.local.fuzz_client import FuzzClient, Reply
from tests.waiting import eventually

ROUTES = st.sampled_from(["/events", "/predictions"])


@dataclass
class Campaign:
    """All requests of these tests, and the events that were accepted, with their requests' ids."""

    pipeline: Pipeline
    client: FuzzClient
    accepted: list[tuple[str, int, Any]] = field(default_factory=list)

    def post(self, route: str, body: bytes, **headers: str) -> Reply:
        """Sends a body, and keeps in mind what has to be found later."""
        sent = {"x-api-key": self.pipeline.key, "content-type": "application/json"}
        reply = self.client.send("POST", route, body, sent | headers)
        if reply.status in {200, 202, 422}:
            self._remember(json.loads(body), reply)
        else:
            assert reply.body["message"], "a refusal has a reason"
        return reply

    def _remember(self, body: Any, reply: Reply) -> None:
        events = _events(body)
        request_id = reply.headers["x-amz-apigw-id"].rstrip("=")
        self.accepted += [(request_id, position, each) for position, each in enumerate(events)]
        if reply.status != 202:
            reported = _events(reply.body)
            assert len(reported) == len(events)
            assert all("prediction" in each or (each["error"] and each["message"]) for each in reported)

    def missing(self) -> list[tuple[str, int, Any]]:
        """Accepted events that are neither stored nor, as far as the queue was read, dead-lettered."""
        self._read_letters()
        found = self.stored() | {
            _key(*each) for letters in self.pipeline.letters.values() for each in _completed(letters)
        }
        return [each for each in self.accepted if _key(*each) not in found and not self._is_parked(*each)]

    def _read_letters(self) -> None:
        while self.pipeline.receive():
            pass

    def _is_parked(self, request_id: str, _: int, sent: Any) -> bool:
        """Whether it lies in the dead letters as it came: what no model could be asked about."""
        return any(sent in _events(each["events"]) for each in self.pipeline.letters.get(request_id, []))

    def stored(self) -> set[tuple[str, str]]:
        """Sensor and id of all that is stored."""
        client = self.pipeline.target.client("dynamodb")
        pages = client.get_paginator("scan").paginate(
            TableName=self.pipeline.stack.table, ProjectionExpression="sensor, event_id", ConsistentRead=True
        )
        return {(item["sensor"]["S"], item["event_id"]["S"]) for page in pages for item in page["Items"]}


def _events(body: Any) -> list[Any]:
    """One event, or an array of them, as an array."""
    return body if isinstance(body, list) else [body]


def _completed(letters: list[dict[str, Any]]) -> Iterator[tuple[str, int, Any]]:
    for letter in letters:
        # Other tests of this process may have left letters of labels.
        if "events" in letter and letter["error"] != "InvalidEvent":
            yield from ((letter["request_id"], 0, each) for each in _events(letter["events"]))


def _key(request_id: str, position: int, sent: Any) -> tuple[str, str]:
    return sent["sensor"], sent.get("event_id", f"{request_id}-{position}")


@pytest.fixture(scope="module")
def campaign(deployed: Pipeline) -> Campaign:
    stack, target = deployed.stack, deployed.target
    return Campaign(deployed, FuzzClient(target.invoke_url(stack.api_id, stack.api_stage)))


@given(request_=fuzz_bodies.REQUESTS, ascii_only=st.booleans())
def test_what_the_schema_takes_is_accepted(campaign: Campaign, request_: Any, ascii_only: bool) -> None:
    assert campaign.post("/events", fuzz_bodies.encoded(request_, ascii_only=ascii_only)).status == 202


@given(request_=fuzz_bodies.REQUESTS, ascii_only=st.booleans())
def test_what_the_schema_takes_is_answered(campaign: Campaign, request_: Any, ascii_only: bool) -> None:
    reply = campaign.post("/predictions", fuzz_bodies.encoded(request_, ascii_only=ascii_only))

    assert reply.status in {200, 422}


@given(route=ROUTES, body=fuzz_bodies.faulty())
def test_an_event_with_a_fault_is_refused_or_arrives(campaign: Campaign, route: str, body: bytes) -> None:
    campaign.post(route, body)


@given(body=fuzz_bodies.labels())
def test_a_label_is_refused_or_accepted(campaign: Campaign, body: bytes) -> None:
    sent = {"x-api-key": campaign.pipeline.key, "content-type": "application/json"}
    reply = campaign.client.send("POST", "/labels", body, sent)

    assert reply.status in {202, 400}
    assert reply.body["request_id" if reply.status == 202 else "message"]


@given(route=ROUTES, body=fuzz_bodies.damaged())
def test_a_damaged_text_is_refused_or_arrives(campaign: Campaign, route: str, body: bytes) -> None:
    campaign.post(route, body)


@given(route=ROUTES, body=fuzz_bodies.HOSTILE)
def test_anything_else_is_refused(campaign: Campaign, route: str, body: bytes) -> None:
    campaign.post(route, body)


_VALUES = st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"), max_size=60)
_HEADERS = st.dictionaries(
    st.sampled_from(
        ["content-type", "accept", "x-api-key", "x-amz-target", "content-encoding", "range", "via"]
    ),
    st.one_of(_VALUES, st.sampled_from(["application/json; charset=utf-16", "gzip", "text/csv", "*/*", ""])),
    max_size=3,
)
_SEGMENTS = st.text(
    st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="#?"), min_size=1, max_size=30
)


@given(
    method=st.sampled_from(["POST", "GET", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE"]),
    path=st.one_of(ROUTES, _SEGMENTS.map("/{}".format), _SEGMENTS.map("/events/{}".format)),
    query=st.one_of(st.just(""), _SEGMENTS.map("?{}".format)),
    headers=_HEADERS,
)
def test_any_method_path_and_header_is_answered(
    campaign: Campaign, method: str, path: str, query: str, headers: dict[str, str]
) -> None:
    key = {"x-api-key": campaign.pipeline.key}

    reply = campaign.client.send(method, path + query, b"[]", key | headers)

    assert 400 <= reply.status < 500
    assert reply.body["message"]


def test_after_all_that_every_accepted_event_is_somewhere_and_in_the_lake(
    campaign: Campaign, nrti: Nrti
) -> None:
    eventually(lambda: not campaign.missing(), seconds=60)
    last = event("after the fuzzing")
    assert campaign.pipeline.post(last, "/predictions")[0] == 200

    def all_in_the_lake() -> bool:
        done = nrti("query", "select sensor, event_id from predictions", "--format", "json")
        assert done.returncode == 0, done.stderr
        rows = (json.loads(line) for line in done.stdout.splitlines())
        # Other tests may have deleted from the table what the lake keeps.
        return campaign.stored() <= {(row["sensor"], row["event_id"]) for row in rows}

    eventually(all_in_the_lake, seconds=30)

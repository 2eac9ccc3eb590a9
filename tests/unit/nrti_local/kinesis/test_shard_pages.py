"""The token of a page of shards stands for the stream."""

from __future__ import annotations

import json
from typing import Any

import pytest

from nrti_local.kinesis import shard_pages
from tests.unit.nrti_local.asgi import Answer, Fake, ask


def _asked(members: dict[str, Any], **request: Any) -> tuple[Answer, list[Any]]:
    ministack = Fake(body=json.dumps(members).encode())
    body = json.dumps(request).encode()
    answer = ask(shard_pages.before(ministack), "kinesis", target="Kinesis_20131202.ListShards", body=body)
    return answer, [json.loads(reached) for _, reached in ministack.asked]


@pytest.mark.parametrize("stream", [{"StreamName": "s"}, {"StreamARN": "arn:aws:kinesis:x:1:stream/s"}])
def test_a_token_leads_to_the_next_page(stream: dict[str, str]) -> None:
    answer, _ = _asked({"Shards": [], "NextToken": "abc="}, **stream, MaxResults=2)
    token = json.loads(answer.body)["NextToken"]

    _, (reached,) = _asked({"Shards": []}, NextToken=token, MaxResults=2)

    assert reached == {**stream, "NextToken": "abc=", "MaxResults": 2}


def test_the_last_page_has_no_token() -> None:
    answer, _ = _asked({"Shards": [{"ShardId": "s"}]}, StreamName="s")

    assert json.loads(answer.body) == {"Shards": [{"ShardId": "s"}]}
    assert int(answer.headers[b"content-length"]) == len(answer.body)


def test_a_token_beside_a_name_is_refused() -> None:
    answer, reached = _asked({}, StreamName="s", NextToken="t")

    assert json.loads(answer.body)["__type"] == "InvalidArgumentException"
    assert not reached


@pytest.mark.parametrize("token", ["nonsense", "abc.***", "abc."])
def test_another_token_is_left_to_ministack(token: str) -> None:
    _, (reached,) = _asked({}, NextToken=token)

    assert reached == {"NextToken": token}

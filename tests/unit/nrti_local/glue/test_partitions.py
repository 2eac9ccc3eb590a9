"""GetPartitions answers with the partitions that the request selects."""

from __future__ import annotations

import json
from typing import Any

import pytest

from nrti_local.glue import partitions
from nrti_local.server.asgi import Receive, Scope, Send, read, respond
from tests.unit.nrti_local.asgi import Answer, ask

_ALL = [
    {"Values": [str(number)], "StorageDescriptor": {"Columns": [], "Location": f"s3://b/{number}"}}
    for number in range(7)
]
_TABLE = {"Table": {"PartitionKeys": [{"Name": "p", "Type": "int"}]}}


async def _glue(scope: Scope, receive: Receive, send: Send) -> None:
    target, asked = dict(scope["headers"])[b"x-amz-target"], json.loads(await read(receive))
    if target == b"AWSGlue.GetTable" and asked == {"DatabaseName": "d", "Name": "t"}:
        await respond(send, 200, [], json.dumps(_TABLE).encode())
    elif target == b"AWSGlue.GetPartitions":
        await respond(send, 200, [], json.dumps({"Partitions": _ALL}).encode())
    else:
        await respond(send, 400, [], b'{"__type": "EntityNotFoundException"}')


def _ask(**members: Any) -> Answer:
    body = json.dumps({"DatabaseName": "d", "TableName": "t"} | members).encode()
    return ask(partitions.before(_glue), "glue", target="AWSGlue.GetPartitions", body=body)


def _values(**members: Any) -> list[str]:
    return [each["Values"][0] for each in json.loads(_ask(**members).body)["Partitions"]]


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({}, "0123456"),
        ({"Expression": ""}, "0123456"),
        ({"Expression": "p > 4"}, "56"),
        ({"Segment": {"SegmentNumber": 1, "TotalSegments": 3}}, "14"),
    ],
)
def test_partitions_are_selected(members: dict[str, Any], expected: str) -> None:
    assert _values(**members) == list(expected)


def test_pages_follow_one_another() -> None:
    found: list[str] = []
    request: dict[str, Any] = {"Expression": "p <> 3", "MaxResults": 4}
    while True:
        page = json.loads(_ask(**request).body)
        found += [each["Values"][0] for each in page["Partitions"]]
        if "NextToken" not in page:
            break
        request["NextToken"] = page["NextToken"]

    assert found == list("012456")


def test_columns_are_left_out_on_demand() -> None:
    answer = json.loads(_ask(ExcludeColumnSchema=True, MaxResults=1).body)

    assert answer["Partitions"] == [{"Values": ["0"], "StorageDescriptor": {"Location": "s3://b/0"}}]


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ({"TableName": "nope"}, "EntityNotFoundException"),
        ({"Expression": "q = 1"}, "InvalidInputException"),
        ({"NextToken": "?"}, "InvalidInputException"),
    ],
)
def test_what_is_wrong_is_refused(members: dict[str, Any], code: str) -> None:
    answer = _ask(**members)

    assert answer.status == 400
    assert json.loads(answer.body)["__type"] == code

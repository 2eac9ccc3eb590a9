"""BatchWriteItem has the effects of a stock ministack, for plain items and for others."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ministack.services import dynamodb, kinesis

from nrti_local.dynamodb import batch_write
from tests.local.packed_tables import TABLE, Ask, changes, item, key, tables

PLAIN = {name: value for name, value in TABLE.items() if name != "GlobalSecondaryIndexes"} | {
    "AttributeDefinitions": TABLE["AttributeDefinitions"][:2]
}
NUMBERED = PLAIN | {
    "AttributeDefinitions": [
        {"AttributeName": "h", "AttributeType": "S"},
        {"AttributeName": "r", "AttributeType": "N"},
    ]
}
WITHOUT_RANGE = PLAIN | {
    "KeySchema": TABLE["KeySchema"][:1],
    "AttributeDefinitions": TABLE["AttributeDefinitions"][:1],
}
LISTED: dict[str, Any] = {"L": [{"N": "1"}, {"S": "\u00e4"}, {"N": "2.50"}]}


def _put(*items: Any) -> list[Any]:
    return [{"PutRequest": {"Item": each}} for each in items]


#: Batches that ministack answers itself.
UNUSUAL: dict[str, Any] = {
    "stored already": _put(item("h", "1"), item("h", "there")),
    "twice the same": _put(item("h", "1"), item("h", "1")),
    "none": [],
    "too many": _put(*(item("h", str(n)) for n in range(26))),
    "a deletion": [*_put(item("h", "1")), {"DeleteRequest": {"Key": key("h", "there")}}],
    "two operations": [{**_put(item("h", "1"))[0], "DeleteRequest": {"Key": key("h", "there")}}],
    "another member": [{"PutRequest": {"Item": item("h", "1"), "Other": 1}}],
    "no item": [{"PutRequest": {}}],
    "no operation": [{}],
    "no key": _put({"h": {"S": "1"}}),
    "an empty key": _put(item("h", "")),
    "a long key": _put(item("h", "1" * 1025)),
    "a long hash key": _put(item("\u00e4" * 1025, "1")),
    "a key that is a number": _put({**item("h", "1"), "r": {"N": "1"}}),
    "an item of 400 KB": _put(item("h", "1", x={"S": "x" * 409_600})),
    "a truth": _put(item("h", "1", x={"BOOL": True})),
    "a map": _put(item("h", "1", x={"M": {"a": {"N": "1.0"}}})),
    "lists in lists": _put(item("h", "1", x={"L": [{"L": [{"N": "1.0"}]}]})),
    "a value of two types": _put(item("h", "1", x={"S": "a", "N": "1"})),
    "a value of no type": _put(item("h", "1", x={})),
    "a value that is none": _put(item("h", "1", x="text")),
    "a text that is none": _put(item("h", "1", x={"S": 1})),
    "a list that is none": _put(item("h", "1", x={"L": "ab"})),
    "a wrong one behind a number that is rewritten": _put(item("h", "1", x={"N": "1.0", "S": "a"})),
    **{
        f"the number {n!r}": _put(item("h", "1", x={"N": n})) for n in ("x", " 5", "1e126", "9" * 39, 5, None)
    },
}


def _effects(ask: Ask, stream: str) -> Any:
    """Everything that a batch changes, except ids and times."""
    shards = kinesis._streams[stream]["shards"].values()
    payloads = [json.loads(base64.b64decode(r["Data"])) for shard in shards for r in shard["records"]]
    sent = [(each["eventName"], each["dynamodb"].get("NewImage")) for each in payloads]
    views = {each["dynamodb"]["StreamViewType"] for each in payloads}
    table = dynamodb._tables["table"]
    reply = changes() if "table" in dynamodb._stream_records else None
    return reply, sent, views, table["ItemCount"], ask(("Scan", {"TableName": "table"}))


def _both(requests: Any, table: Mapping[str, Any] = PLAIN, **more: Any) -> None:
    found = []
    for packed in (False, True):
        with tables(packed=packed, table=table) as ask:
            kinesis._create_stream({"StreamName": "stream", "ShardCount": 1})
            kinesis._streams["stream"]["StreamStatus"] = "ACTIVE"
            arn = kinesis._streams["stream"]["StreamARN"]
            ask(("EnableKinesisStreamingDestination", {"TableName": "table", "StreamArn": arn}))
            ask(("PutItem", {"TableName": "table", "Item": item("h", "there")}))
            answer = ask(("BatchWriteItem", {"RequestItems": {"table": requests}, **more}))
            found.append((answer, _effects(ask, "stream")))
    assert found[0] == found[1]


@pytest.mark.parametrize("requests", UNUSUAL.values(), ids=UNUSUAL)
def test_what_is_not_plain(requests: Any) -> None:
    _both(requests)


@pytest.mark.parametrize(
    "table", [PLAIN, TABLE, NUMBERED, WITHOUT_RANGE], ids=["plain", "index", "n", "hash"]
)
@pytest.mark.parametrize("view", ["KEYS_ONLY", "NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES", None])
def test_plain_items(table: dict[str, Any], view: str | None) -> None:
    stream = {"StreamEnabled": True, "StreamViewType": view} if view else {"StreamEnabled": False}
    items = [item("h", str(n), l=LISTED, x={"N": "-0.10e1"}, y={"S": ""}) for n in range(25)]
    _both(_put(*items), table | {"StreamSpecification": stream})


def test_what_a_batch_costs() -> None:
    _both(_put(item("h", "1")), ReturnConsumedCapacity="TOTAL")


def test_plain_items_are_not_handed_on() -> None:
    with tables(packed=True, table=PLAIN):
        items = [item("h", str(n), l=LISTED) for n in range(25)]

        answer = batch_write.write({"RequestItems": {"table": _put(*items)}})

        assert answer
        assert json.loads(answer[2]) == {"UnprocessedItems": {}}


@given(
    st.one_of(
        st.decimals(allow_nan=False, allow_infinity=False, places=4).map(str),
        st.floats(allow_nan=False, allow_infinity=False).map(repr),
        st.integers().map(str),
        st.from_regex(r"[+-]?0{0,3}\d{0,3}\.?0{0,2}\d{0,2}([eE][+-]?\d)?", fullmatch=True),
    )
)
def test_a_number_is_stored_in_the_form_that_ministack_stores(number: str) -> None:
    with tables(packed=True, table=PLAIN) as ask:
        put = item("h", "1", x={"N": number})
        written = batch_write.write({"RequestItems": {"table": _put(put)}})
        if written is None:  # which is right for every number: ministack stores it, or refuses it
            return
        _, found = ask(("GetItem", {"TableName": "table", "Key": key("h", "1")}))
        assert found["Item"]["x"] == {"N": dynamodb._ddb_canonicalize_number(number)}

"""Patches to ministack's DynamoDB Streams."""

from __future__ import annotations

import json
import time
from bisect import bisect_left
from collections.abc import Callable, Collection
from typing import Any

from ministack.services import dynamodb, dynamodb_streams

from nrti_local.durability.packed.items import Item
from nrti_local.durability.packed.records import Record, Records
from nrti_local.kinesis import patches as kinesis
from nrti_local.ministack.patch import Patch

Decode = Callable[[str], dict[str, Any] | None]
Handler = Callable[[dict[str, Any]], tuple[int, dict[str, str], bytes]]
#: The view of a change that Kinesis gets, whatever the table's stream shows.
_WHOLE = "NEW_AND_OLD_IMAGES"
_AT = {"AT_SEQUENCE_NUMBER": 0, "AFTER_SEQUENCE_NUMBER": 1}


def _expire_those_of_another_life(original: Decode) -> Decode:
    started = time.time()

    def decode(token: str) -> dict[str, Any] | None:
        iterator = original(token)
        if iterator and iterator.get("i", 0) < started:
            iterator["i"] = 0  # when it was issued
        return iterator

    return decode


def emit_inserted(name: str, table: dict[str, Any], items: Collection[Item]) -> None:
    """Tells the stream of a table, and its streams of Kinesis, of new items, as ministack tells of each."""
    specification = table.get("StreamSpecification") or {}
    if specification.get("StreamEnabled"):
        records = _records(name)
        for record in _inserts(table, items, specification.get("StreamViewType", _WHOLE)):
            records.append(record)
        dynamodb.esm_wake.set()
        dynamodb._trim_stream_records(name)  # noqa: SLF001
    for destination in dynamodb._kinesis_destinations.get(name, ()):  # noqa: SLF001
        if destination.get("DestinationStatus") == "ACTIVE":
            kinesis.put_changes(destination["StreamArn"], _inserts(table, items, _WHOLE))


def _inserts(table: dict[str, Any], items: Collection[Item], view: str) -> list[Record]:
    return [dynamodb._build_change_record(table, "INSERT", None, item, view) for item in items]  # noqa: SLF001


def _records(name: str) -> Records:
    """The records of a table's stream, packed from the first on."""
    records = dynamodb._stream_records.get(name)  # noqa: SLF001
    if not isinstance(records, Records):
        records = dynamodb._stream_records[name] = Records(records or ())  # noqa: SLF001
    return records


def _packing(original: Callable[..., None]) -> Callable[..., None]:
    def emit(table_name: str, *change: Any, **options: Any) -> None:
        original(table_name, *change, **options)
        if table_name in dynamodb._stream_records:  # noqa: SLF001
            _records(table_name)  # ministack may have just begun it

    return emit


def _searching(original: Handler) -> Handler:
    def get_iterator(request: dict[str, Any]) -> tuple[int, dict[str, str], bytes]:
        number, distance = request.get("SequenceNumber"), _AT.get(request.get("ShardIteratorType", ""))
        if distance is None or not isinstance(number, str):
            return original(request)
        answer = original(request | {"ShardIteratorType": "TRIM_HORIZON"})
        if answer[0] != 200:
            return answer
        first = dynamodb_streams._decode_iterator(json.loads(answer[2])["ShardIterator"])  # noqa: SLF001
        index = _index(first, number)
        if index is None:
            return original(request)  # which refuses it
        position = first["p"] + index + distance
        iterator = dynamodb_streams._encode_iterator(  # noqa: SLF001
            first["t"],
            first["s"],
            position,
            account_id=first["a"],
            region=first["r"],
            stream_arn=first["arn"],
        )
        return answer[0], answer[1], json.dumps({"ShardIterator": iterator}).encode()

    return get_iterator


def _index(first: dict[str, Any], number: str) -> int | None:
    """Where a record is, counted from that to which an iterator points, which is the first one there is."""
    closed = dynamodb.closed_stream(first["arn"])
    live = dynamodb_streams._records_for(first["a"], first["r"], first["t"])  # noqa: SLF001
    records = closed["records"] if closed else live
    index = bisect_left(records, number, key=_number)
    return index if index < len(records) and _number(records[index]) == number else None


def _number(record: Record) -> str:
    return str(record["dynamodb"]["SequenceNumber"])


PATCHES = (
    Patch(
        "ministack.services.dynamodb",
        "_emit_stream_event",
        "Each record is kept as dictionaries within dictionaries.",
        _packing,
    ),
    Patch(
        "ministack.services.dynamodb_streams",
        "_get_shard_iterator",
        "It reads all records up to a sequence number, though they are in order.",
        _searching,
    ),
    Patch(
        "ministack.services.dynamodb_streams",
        "_decode_iterator",
        "A restart empties the streams, and an iterator from before it points behind all that is to come: "
        "its reader would be told for ever that there is nothing. An expired one makes it ask for another.",
        _expire_those_of_another_life,
    ),
)

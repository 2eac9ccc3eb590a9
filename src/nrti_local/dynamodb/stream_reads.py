"""Returns the records of a table's stream; ministack answers every other request to DynamoDB Streams.

A shard iterator is good for one life of the server: a killed server comes back without the last records, and
an iterator from before may point beyond all that follow. It is expired then, and its reader asks for another.
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable
from typing import Any, NamedTuple

from ministack.services import dynamodb

from nrti_local.durability.packed.records import TableRecords
from nrti_local.dynamodb import tables
from nrti_local.ministack.answers import done, refused
from nrti_local.ministack.entry import Request, answering
from nrti_local.ministack.patch import Patch
from nrti_local.server.asgi import Answer
from nrti_local.server.shared import tokens

#: The one shard of every stream of ministack.
SHARD = "shardId-00000000000000000000-00000000"
#: Of the server.
_LIFE = uuid.uuid4().hex
#: How long an iterator is good, and the most records and bytes in an answer.
_SECONDS, _RECORDS, _BYTES = 15 * 60, 1000, 1024 * 1024
_EXPIRED = (
    "ExpiredIteratorException",
    "The shard iterator has expired and can no longer be used to retrieve stream records.",
)
_encode = json.JSONEncoder(separators=(",", ":"), default=str).encode
_TRIMMED = "TrimmedDataAccessException"


class ShardIterator(NamedTuple):
    """Where a reader goes on.

    Attributes:
        stream: the ARN of the stream.
        position: the number of records of the stream that lie before.
        issued: the time of the iterator, in seconds since the epoch.
        life: of the server that issued it.
    """

    stream: str
    position: int
    issued: float
    life: str

    def token(self) -> str:
        """The shard iterator, for the client."""
        return tokens.encode(self)


class Stream(NamedTuple):
    """A stream that can be read.

    Attributes:
        records: all that it still has.
        trimmed: the number of records that expired before them.
        closed: whether no records will follow.
    """

    records: TableRecords
    trimmed: int
    closed: bool


def _stream(arn: str) -> Stream | None:
    """A stream of the caller's account and region; None if it does not exist."""
    name = arn.rpartition(":table/")[2].partition("/")[0]
    if closed := dynamodb.closed_stream(arn):
        return Stream(closed["records"] or TableRecords(), closed["trimmed"], closed=True)
    try:
        table = tables.table(name)
    except KeyError:
        return None
    enabled = (table.get("StreamSpecification") or {}).get("StreamEnabled")
    if not enabled or table.get("LatestStreamArn") != arn:
        return None
    trimmed = dynamodb.stream_start_position(name)
    return Stream(dynamodb.stream_live_records(name) or TableRecords(), trimmed, closed=False)


def get_shard_iterator(request: Request) -> Answer | None:
    """Answers GetShardIterator; None for a stream, shard or sequence number that does not exist."""
    stream = _stream(request["StreamArn"]) if request["ShardId"] == SHARD else None
    position = _position(stream.records, request) if stream else None
    if stream is None or position is None:
        return None
    iterator = ShardIterator(request["StreamArn"], stream.trimmed + position, time.time(), _LIFE)
    return done({"ShardIterator": iterator.token()})


def _position(records: TableRecords, request: Request) -> int | None:
    """Where an iterator begins; None for a number that does not exist.

    Raises:
        KeyError: a member is missing, or the type is wrong.
    """
    kind = request["ShardIteratorType"]
    if kind in {"TRIM_HORIZON", "LATEST"}:
        return 0 if kind == "TRIM_HORIZON" else len(records)
    distance = {"AT_SEQUENCE_NUMBER": 0, "AFTER_SEQUENCE_NUMBER": 1}[kind]
    number = request["SequenceNumber"]
    index = records.position(number)
    if index == len(records) or records.number(records[index]) != number:
        return None
    return index + distance


def get_records(request: Request) -> Answer | None:
    """Answers GetRecords; None for an iterator that is not from here, and for a wrong limit."""
    iterator, limit = _decoded(request["ShardIterator"]), min(int(request.get("Limit", _RECORDS)), _RECORDS)
    if iterator is None or limit < 1:
        return None
    stream = _stream(iterator.stream)
    if stream is None or iterator.life != _LIFE or time.time() - iterator.issued >= _SECONDS:
        return refused(*_EXPIRED)
    if iterator.position < stream.trimmed:
        return refused(_TRIMMED, "The data you are trying to access has been trimmed")
    return _page(stream, iterator, limit)


def _decoded(token: str) -> ShardIterator | None:
    try:
        return ShardIterator(*tokens.decode(token))
    except (TypeError, ValueError):
        return None


def _page(stream: Stream, iterator: ShardIterator, limit: int) -> Answer:
    first = iterator.position - stream.trimmed
    records: list[str] = []
    size = 0
    for record in stream.records[first : first + limit]:
        # Records have an ARN only in the events of functions.
        text = _encode({name: value for name, value in record.items() if name != "eventSourceARN"})
        size += len(text)
        if records and size > _BYTES:
            break
        records.append(text)
    reached = iterator._replace(position=iterator.position + len(records), issued=time.time())
    over = stream.closed and reached.position >= stream.trimmed + len(stream.records)
    following = "" if over else f', "NextShardIterator": {json.dumps(reached.token())}'
    headers = {"Content-Type": "application/x-amz-json-1.0"}
    return 200, headers, f'{{"Records": [{", ".join(records)}]{following}}}'.encode()


def _named(body: bytes) -> str | None:
    """The ARN of the stream that a request names, itself or in its iterator."""
    try:
        request = json.loads(body)
        arn = request.get("StreamArn")
        iterator = None if arn else _decoded(request["ShardIterator"])
    except (AttributeError, KeyError, TypeError, ValueError):
        return None
    return iterator.stream if iterator else arn


def _of_a_stream(original: Callable[..., str]) -> Callable[..., str]:
    def extract_resource_arn(
        service: str, method: str, path: str, headers: dict[str, str], body: bytes, *rest: Any
    ) -> str:
        stream = _named(body) if service == "dynamodbstreams" else None
        return stream or original(service, method, path, headers, body, *rest)

    return extract_resource_arn


PATCHES = (
    Patch(
        "ministack.core.iam_actions",
        "extract_resource_arn",
        "With AUTH, a request to DynamoDB Streams is for every resource, so that a policy for one stream "
        "allows nothing.",
        _of_a_stream,
    ),
    Patch(
        "ministack.services.dynamodb_streams",
        "handle_request",
        "A sequence number is searched for from the front; and after a restart an iterator from before may "
        "point beyond all records that follow, so that its reader would never get any.",
        answering({"GetRecords": get_records, "GetShardIterator": get_shard_iterator}),
    ),
)

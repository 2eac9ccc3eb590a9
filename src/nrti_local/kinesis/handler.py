"""The entry of a request to Kinesis: records and shards are handled here, everything else is ministack's.

ministack also answers the requests that are wrong, with its error messages.
"""

from __future__ import annotations

import base64
import binascii

from nrti_local.kinesis import listing, puts, reads, resharding, shards, streams
from nrti_local.ministack.answers import done
from nrti_local.ministack.entry import Operation, Request, answering
from nrti_local.ministack.patch import Patch
from nrti_local.server.asgi import Answer

#: Kinesis's limits: characters of a partition key, bytes of a record, records and bytes of a PutRecords.
_KEY, _RECORD, _RECORDS, _REQUEST = 256, 1024 * 1024, 500, 5 * 1024 * 1024


def put_record(request: Request) -> Answer | None:
    """Answers PutRecord; None if the request is wrong."""
    stream, entry = _active(request), _entry(request)
    if not entry.key:
        return None
    ((shard, number),) = puts.put_all(stream, [entry])
    return done({"ShardId": shard, "SequenceNumber": number, "EncryptionType": _encryption(stream)})


def put_records(request: Request) -> Answer | None:
    """Answers PutRecords; None if the request is wrong."""
    stream, entries = _active(request), list(map(_entry, request["Records"]))
    if len(entries) > _RECORDS or sum(len(e.key.encode()) + len(e.data) for e in entries) > _REQUEST:
        return None
    encryption = _encryption(stream)
    placed = puts.put_all(stream, entries)
    records = [{"SequenceNumber": n, "ShardId": s, "EncryptionType": encryption} for s, n in placed]
    return done({"FailedRecordCount": 0, "Records": records, "EncryptionType": encryption})


def _active(request: Request) -> shards.Stream:
    stream = streams.existing(request)
    if stream["StreamStatus"] != "ACTIVE":
        raise ValueError("no active stream")
    return stream


def _entry(record: Request) -> puts.Entry:
    key, text, hash_key = (
        record.get("PartitionKey", ""),
        record.get("Data", ""),
        record.get("ExplicitHashKey"),
    )
    data = _data(text)
    if len(key) > _KEY or len(data) > _RECORD:
        raise ValueError(key)
    return puts.Entry(key, data, int(hash_key) if hash_key else None)


def _data(text: str) -> bytes:
    """The data of a record; like ministack it accepts a text that is not base64 as the data itself."""
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        return text.encode()


def _encryption(stream: shards.Stream) -> str:
    return str(stream.get("EncryptionType", "NONE"))


OPERATIONS: dict[str, Operation] = {
    "DescribeStream": listing.describe_stream,
    "DescribeStreamSummary": listing.describe_stream_summary,
    "GetRecords": reads.get_records,
    "GetShardIterator": reads.get_shard_iterator,
    "ListShards": listing.list_shards,
    "MergeShards": resharding.merge_shards,
    "PutRecord": put_record,
    "PutRecords": put_records,
    "SplitShard": resharding.split_shard,
    "UpdateShardCount": resharding.update_shard_count,
    "UpdateStreamMode": resharding.update_stream_mode,
}
PATCHES = (
    Patch(
        "ministack.services.kinesis",
        "handle_request",
        "Resharding drops the records of the former shards, a request looks at all iterators of five "
        "minutes, a sequence number is searched for from the front, readers skip as many records as expire, "
        "and a clock that is set back makes lower sequence numbers.",
        answering(OPERATIONS),
    ),
)

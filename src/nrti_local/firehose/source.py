"""Reads a Kinesis stream from its checkpoint, shard by shard."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from mypy_boto3_kinesis.client import KinesisClient
    from mypy_boto3_kinesis.type_defs import ShardTypeDef

_LIMIT = 10_000


@dataclass(frozen=True)
class Record:
    """A record of the stream, with its shard."""

    shard: str
    sequence_number: str
    arrival: datetime
    data: bytes


class Progress(Protocol):
    """How far each shard was delivered."""

    def position(self, shard: str) -> str | None:
        """The sequence number of the last delivered record; None to begin at the oldest record."""


class Source:
    """All shards of one Kinesis stream."""

    def __init__(self, kinesis: KinesisClient, stream_arn: str, checkpoint: Progress) -> None:
        self._kinesis = kinesis
        self._stream_arn = stream_arn
        self._checkpoint = checkpoint
        self._iterators: dict[str, str | None] = {}

    def read(self) -> Iterator[Record]:
        """Reads the records that were added since the last call."""
        if not self._iterators:
            self._open_shards()
        for shard in tuple(self._iterators):
            yield from self._read(shard)

    def _read(self, shard: str) -> Iterator[Record]:
        iterator = self._iterators[shard]
        if iterator is None:
            return
        answer = self._kinesis.get_records(ShardIterator=iterator, Limit=_LIMIT)
        self._iterators[shard] = answer.get("NextShardIterator")
        for record in answer["Records"]:
            yield Record(
                shard, record["SequenceNumber"], record["ApproximateArrivalTimestamp"], record["Data"]
            )
        if self._iterators[shard] is None:
            self._open_shards()

    def _open_shards(self) -> None:
        """Begins to read the shards whose parents were read to their ends, or have expired."""
        pages = self._kinesis.get_paginator("list_shards").paginate(StreamARN=self._stream_arn)
        shards = {shard["ShardId"]: shard for page in pages for shard in page["Shards"]}
        for name in sorted(shards.keys() - self._iterators.keys()):
            if all(
                self._iterators.get(parent, "") is None for parent in _parents(shards[name]) & shards.keys()
            ):
                self._iterators[name] = self._iterator(name)

    def _iterator(self, shard: str) -> str:
        position = self._checkpoint.position(shard)
        if position is None:
            answer = self._kinesis.get_shard_iterator(
                StreamARN=self._stream_arn, ShardId=shard, ShardIteratorType="TRIM_HORIZON"
            )
        else:
            answer = self._kinesis.get_shard_iterator(
                StreamARN=self._stream_arn,
                ShardId=shard,
                ShardIteratorType="AFTER_SEQUENCE_NUMBER",
                StartingSequenceNumber=position,
            )
        return answer["ShardIterator"]


def _parents(shard: ShardTypeDef) -> set[str]:
    return {shard[name] for name in ("ParentShardId", "AdjacentParentShardId") if name in shard}

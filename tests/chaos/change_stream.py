"""Repeats and reorders a table's changes on their way to the lake, as Kinesis does now and then."""

from __future__ import annotations

import threading
from random import Random
from typing import Any

from nrti_cli.aws.target import Target
from nrti_cli.stack.outputs import outputs

_SHARE = 0.3
_PAUSE_SECONDS = 0.3
_AT_MOST = 500  # records of one PutRecords


class Echo:
    """Reads the stream and puts a share of its records in again, shuffled, so that old ones follow newer.

    What it has put in itself it may read and repeat too: a change comes twice, three times, and so on.
    """

    def __init__(self, target: Target, rng: Random) -> None:
        self.repeated = 0
        self._rng = rng
        self._kinesis = target.client("kinesis")
        self._stream = outputs(target).stream
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="echo")

    def __enter__(self) -> Echo:
        shards = self._kinesis.list_shards(StreamName=self._stream)["Shards"]
        self._iterators = [self._latest(shard["ShardId"]) for shard in shards]
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _latest(self, shard: str) -> str:
        answer = self._kinesis.get_shard_iterator(
            StreamName=self._stream, ShardId=shard, ShardIteratorType="LATEST"
        )
        return str(answer["ShardIterator"])

    def _run(self) -> None:
        while not self._over.wait(_PAUSE_SECONDS):
            for index, iterator in enumerate(self._iterators):
                answer = self._kinesis.get_records(ShardIterator=iterator)
                self._iterators[index] = answer["NextShardIterator"]
                self._repeat([record for record in answer["Records"] if self._rng.random() < _SHARE])

    def _repeat(self, records: list[dict[str, Any]]) -> None:
        self._rng.shuffle(records)
        for start in range(0, len(records), _AT_MOST):
            some = records[start : start + _AT_MOST]
            self._kinesis.put_records(
                StreamName=self._stream,
                Records=[{"Data": record["Data"], "PartitionKey": record["PartitionKey"]} for record in some],
            )
            self.repeated += len(some)

"""Kinesis: puts items into the stream of the table's changes again, for another delivery to the lake.

The records equal those that DynamoDB writes when an item is inserted, so Firehose makes the same rows.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from nrti_cli.aws.rounds import rounds

if TYPE_CHECKING:
    from mypy_boto3_kinesis.client import KinesisClient
    from mypy_boto3_kinesis.type_defs import PutRecordsRequestEntryTypeDef

    from nrti_cli.aws.dynamodb.items import Item
    from nrti_cli.aws.target import Target

#: Limits of PutRecords: records, and half of the bytes, since the keys count as well.
_RECORDS, _BYTES = 500, 2_500_000
#: A record: its partition key and its content.
_Record = tuple[str, bytes]
#: Seconds before the second round, for records that a busy shard refuses.
_PAUSE = 0.2


class ChangeRecords:
    """The stream of a table's changes.

    Args:
        target: the AWS.
        stream: its name.
        table: the name of the table.
        sleep: sleeps for some seconds.
    """

    def __init__(
        self, target: Target, stream: str, table: str, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._client: KinesisClient = target.client("kinesis")
        self._stream = stream
        self._table = table
        self._region = target.region_name
        self._sleep = sleep

    def put(self, items: Iterable[Item]) -> int:
        """Puts each item into the stream as if it had just been inserted; returns their number.

        Raises:
            NrtiError: the stream is too busy.
        """
        count = 0
        for batch in _batches(map(self._record, items)):
            self._put(batch)
            count += len(batch)
        return count

    def _record(self, item: Item) -> _Record:
        keys = {name: item[name] for name in ("sensor", "event_key")}
        event_id = hashlib.sha256(json.dumps(keys, sort_keys=True).encode()).hexdigest()
        change = {
            "awsRegion": self._region,
            "eventID": event_id,
            "eventName": "INSERT",
            "userIdentity": None,
            "recordFormat": "application/json",
            "tableName": self._table,
            "dynamodb": {
                "ApproximateCreationDateTime": round(time.time() * 1000),
                "Keys": keys,
                "NewImage": item,
                "SizeBytes": len(json.dumps(item)),
            },
            "eventSource": "aws:dynamodb",
        }
        return event_id, json.dumps(change).encode()

    def _put(self, records: list[_Record]) -> None:
        for _ in rounds(f"stream {self._stream}", "written", self._sleep, _PAUSE):
            entries: list[PutRecordsRequestEntryTypeDef] = [
                {"PartitionKey": key, "Data": content} for key, content in records
            ]
            answer = self._client.put_records(StreamName=self._stream, Records=entries)
            if not answer.get("FailedRecordCount"):
                return
            results = zip(records, answer["Records"], strict=True)
            records = [record for record, result in results if "ErrorCode" in result]


def _batches(
    records: Iterable[_Record],
) -> Iterator[list[_Record]]:
    batch: list[_Record] = []
    size = 0
    for record in records:
        if batch and (len(batch) == _RECORDS or size + len(record[1]) > _BYTES):
            yield batch
            batch, size = [], 0
        batch.append(record)
        size += len(record[1])
    if batch:
        yield batch

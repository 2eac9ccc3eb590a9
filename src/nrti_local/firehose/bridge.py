"""The delivery of one stream: read, transform, buffer, convert, write, and only then move the checkpoint."""

from __future__ import annotations

import base64
import json
import logging
import time
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from math import inf
from pathlib import Path
from typing import Any

import pyarrow as pa

from nrti_local.firehose.checkpoint import Checkpoint
from nrti_local.firehose.configuration import Configuration, render_prefix
from nrti_local.firehose.figures import Delivered
from nrti_local.firehose.parquet import convert, schema
from nrti_local.firehose.source import Record, Source
from nrti_local.firehose.transform import Transform, Transformed
from nrti_local.server.shared import sdk
from nrti_local.server.shared.times import now

_logger = logging.getLogger(__name__)
#: Records per invocation of the transform function; a batch must stay below Lambda's 6 MB.
_BATCH = 500
_BATCH_BYTES = 3 * 1024 * 1024


@dataclass
class Buffer:
    """Records that were read and are not in S3 yet."""

    records: list[Record] = field(default_factory=list)
    rows: list[bytes] = field(default_factory=list)
    size: int = 0
    since: float = 0.0

    def add(self, records: list[Record], rows: list[bytes], now: float) -> None:
        """Adds a transformed batch; `records` include those without a row."""
        if not self.records:
            self.since = now
        self.records += records
        self.rows += rows
        self.size += sum(map(len, rows))

    def due_in(self, configuration: Configuration, now: float) -> float:
        """The seconds until it has to be written: after the interval, or at once if it is full."""
        if not self.records:
            return inf
        if self.size >= configuration.size:
            return 0.0
        return max(0.0, self.since + configuration.interval - now)


class Bridge:
    """Delivers one delivery stream; one thread calls `step` again and again."""

    def __init__(self, configuration: Configuration, state: Path) -> None:
        self.configuration = configuration
        path = state / f"{configuration.name}.json"
        self._checkpoint = Checkpoint(path, configuration.kinesis_stream_arn)
        self._source = Source(sdk.client("kinesis"), configuration.kinesis_stream_arn, self._checkpoint)
        self._transform = (
            Transform(sdk.client("lambda"), configuration.function_arn, configuration.name)
            if configuration.function_arn
            else None
        )
        self._s3, self._glue = sdk.client("s3"), sdk.client("glue")
        self._metrics = sdk.client("cloudwatch")
        self._buffer = Buffer()

    def roll_back(self) -> None:
        """Deletes objects that a killed bridge wrote without recording their delivery."""
        for key in self._checkpoint.beyond():
            self._s3.delete_object(Bucket=self.configuration.bucket, Key=key)
        self._checkpoint.forget_beyond()

    def step(self) -> bool:
        """Reads the new records, and writes the buffer if it is due.

        Returns:
            Whether there were records.
        """
        found = False
        batch: list[Record] = []
        size = 0
        for record in self._source.read():
            found = True
            batch.append(record)
            size += len(record.data)
            if len(batch) >= _BATCH or size >= _BATCH_BYTES:
                self._take(batch)
                batch, size = [], 0
        if batch:
            self._take(batch)
        if not self.due_in():
            self.flush()
        return found

    def due_in(self) -> float:
        """The seconds until the buffer has to be written; infinite if it is empty."""
        return self._buffer.due_in(self.configuration, time.monotonic())

    def _take(self, batch: list[Record]) -> None:
        done = self._transform(batch) if self._transform else Transformed([r.data for r in batch], [])
        if done.failed:
            self._write_failed(
                "processing-failed", [(r.data, why) for r, why in done.failed], batch[0].arrival
            )
        self._buffer.add(batch, done.rows, time.monotonic())

    def flush(self) -> None:
        """Writes the buffer to S3 at any age."""
        buffer, self._buffer = self._buffer, Buffer()
        if not buffer.records:
            return
        oldest = min(record.arrival for record in buffer.records)
        rows = self._write(buffer, oldest) if buffer.rows else 0
        self._checkpoint.advance(buffer.records)
        failed = len(buffer.rows) - rows if self.configuration.schema else None
        age = (now() - oldest).total_seconds()
        self._count(Delivered(len(buffer.records), rows, failed, age))
        pa.default_memory_pool().release_unused()  # gives the memory of tables and rows back to the system

    def _write(self, buffer: Buffer, oldest: datetime) -> int:
        """Writes an object and returns the number of rows in it: none if they cannot be converted."""
        rows = buffer.rows
        body, ending = b"".join(rows), ""
        if self.configuration.schema:
            try:
                body, ending = convert(rows, self._schema(*self.configuration.schema)), ".parquet"
            except (pa.ArrowInvalid, ValueError) as error:
                self._write_failed("format-conversion-failed", [(row, str(error)) for row in rows], oldest)
                return 0
        key = self._key(self.configuration.prefix, oldest) + ending
        self._checkpoint.note(key, buffer.records)
        self._s3.put_object(Bucket=self.configuration.bucket, Key=key, Body=body)
        return len(rows)

    def _schema(self, database: str, table: str) -> pa.Schema:
        """The current schema: like Firehose by default, each object is written by the latest one."""
        found = self._glue.get_table(DatabaseName=database, Name=table)["Table"]
        return schema(found["StorageDescriptor"]["Columns"])

    def _write_failed(self, error_type: str, failed: list[tuple[bytes, str]], when: datetime) -> None:
        """Writes records that could not be delivered to the error prefix, in Firehose's format."""
        _logger.error(
            "%s: %d records: %s: %s", self.configuration.name, len(failed), error_type, failed[0][1]
        )
        lines = [
            json.dumps(
                {
                    "errorCode": error_type,
                    "errorMessage": why,
                    "arrivalTimestamp": int(when.timestamp() * 1000),
                    "rawData": base64.b64encode(data).decode(),
                }
            )
            for data, why in failed
        ]
        key = self._key(self.configuration.error_prefix, when, error_type)
        self._s3.put_object(Bucket=self.configuration.bucket, Key=key, Body="\n".join(lines).encode())

    def _key(self, prefix: str, when: datetime, error_type: str = "") -> str:
        when = when.astimezone(UTC)
        folder = render_prefix(prefix, when, error_type)
        return f"{folder}{self.configuration.name}-1-{when:%Y-%m-%d-%H-%M-%S}-{uuid.uuid4()}"

    def _count(self, delivered: Delivered) -> None:
        dimensions = [{"Name": "DeliveryStreamName", "Value": self.configuration.name}]
        data: list[Any] = [
            {"MetricName": name, "Dimensions": dimensions, "Value": float(value)}
            for name, value in delivered.metrics().items()
        ]
        self._metrics.put_metric_data(Namespace="AWS/Firehose", MetricData=data)

"""Sends log lines to CloudWatch Logs, as SageMaker does for its containers."""

from __future__ import annotations

import contextlib
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nrti_local.sagemaker.clients import Clients
from nrti_local.sagemaker.telemetry import Shipper

if TYPE_CHECKING:
    from mypy_boto3_logs.type_defs import InputLogEventTypeDef

_INTERVAL_SECONDS = 0.25
#: Limits of PutLogEvents, minus its overhead of 26 bytes per event.
_BATCH_BYTES, _EVENT_BYTES, _BATCH_EVENTS = 1_000_000, 200_000, 10_000


@dataclass(frozen=True)
class LogStream:
    """A stream in CloudWatch Logs."""

    group: str
    name: str


Pending = dict[LogStream, "list[InputLogEventTypeDef]"]


class Logs(Shipper[Pending]):
    """Log lines by stream, sent up to four times a second; creates groups and streams on first use."""

    def __init__(self, clients: Clients) -> None:
        super().__init__(_INTERVAL_SECONDS)
        self._clients = clients
        self._pending: Pending = defaultdict(list)
        self._made: set[LogStream] = set()

    def write(self, stream: LogStream, line: str) -> None:
        """Adds a line."""
        message = line[: _EVENT_BYTES // 4] or " "  # an event must not be empty
        self._pending[stream].append({"timestamp": int(time.time() * 1000), "message": message})
        self.pending.set()

    def _take(self) -> Pending:
        taken, self._pending = self._pending, defaultdict(list)
        return taken

    def _send(self, collected: Pending) -> None:
        for stream, events in collected.items():
            for batch in _batches(events):
                self._put(stream, batch)

    def _put(self, stream: LogStream, events: list[InputLogEventTypeDef]) -> None:
        client = self._clients.logs()
        if stream not in self._made:
            self._make(stream)
        try:
            client.put_log_events(logGroupName=stream.group, logStreamName=stream.name, logEvents=events)
        except client.exceptions.ResourceNotFoundException:  # the group was deleted
            self._make(stream)
            client.put_log_events(logGroupName=stream.group, logStreamName=stream.name, logEvents=events)

    def _make(self, stream: LogStream) -> None:
        client = self._clients.logs()
        with contextlib.suppress(client.exceptions.ResourceAlreadyExistsException):
            client.create_log_group(logGroupName=stream.group)
        with contextlib.suppress(client.exceptions.ResourceAlreadyExistsException):
            client.create_log_stream(logGroupName=stream.group, logStreamName=stream.name)
        self._made.add(stream)


def _batches(events: list[InputLogEventTypeDef]) -> Iterator[list[InputLogEventTypeDef]]:
    batch: list[InputLogEventTypeDef] = []
    size = 0
    for event in events:
        length = len(event["message"].encode()) + 26
        if batch and (size + length > _BATCH_BYTES or len(batch) == _BATCH_EVENTS):
            yield batch
            batch, size = [], 0
        batch.append(event)
        size += length
    if batch:
        yield batch

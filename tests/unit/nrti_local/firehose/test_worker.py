"""When a worker reads records, delivers its buffer, and ends."""

from __future__ import annotations

from math import inf
from typing import Any, cast

from nrti_local.firehose.bridge import Buffer
from nrti_local.firehose.configuration import Configuration
from nrti_local.firehose.source import Record
from nrti_local.firehose.worker import Worker

CONFIGURATION = Configuration("s", "arn", None, "bucket", "", "", interval=5.0, size=10, schema=None)


class Bridge:
    """Has nothing to read; ends the worker after a number of steps."""

    def __init__(self, worker: Worker, last: int) -> None:
        self.steps: list[str] = []
        self._worker, self._last = worker, last

    def roll_back(self) -> None:
        self.steps.append("roll back")

    def step(self) -> bool:
        self.steps.append("step")
        if self.steps.count("step") == self._last:
            self._worker.end()
        else:
            self._worker.wake()
        return False

    def due_in(self) -> float:
        return inf

    def flush(self) -> None:
        self.steps.append("flush")


def test_waking_ends_the_pause_and_the_end_delivers_the_buffer() -> None:
    worker = Worker(CONFIGURATION)
    bridge = Bridge(worker, 30)  # without waking, it would pause for two minutes in all

    worker._deliver(cast("Any", bridge))

    assert bridge.steps == ["roll back", *["step"] * 30, "flush"]


def test_a_buffer_is_due_by_its_age_or_its_size() -> None:
    buffer = Buffer()
    assert buffer.due_in(CONFIGURATION, 100.0) == inf

    buffer.add([cast("Record", None)], [b"12345"], 100.0)
    assert buffer.due_in(CONFIGURATION, 101.0) == 4.0
    assert buffer.due_in(CONFIGURATION, 107.0) == 0.0

    buffer.add([cast("Record", None)], [b"67890"], 101.0)
    assert buffer.due_in(CONFIGURATION, 101.0) == 0.0

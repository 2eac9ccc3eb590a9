"""When a worker has its bridge look for records, deliver what it holds, and end."""

from __future__ import annotations

from math import inf
from typing import Any, cast

from nrti_local.firehose.bridge import Buffer
from nrti_local.firehose.configuration import Configuration
from nrti_local.firehose.source import Record
from nrti_local.firehose.worker import Worker

CONFIGURATION = Configuration("s", "arn", None, "bucket", "", "", interval=5.0, size=10, schema=None)


class Bridge:
    """Has nothing to read; `steps` are how often it looks before the worker is told to end."""

    def __init__(self, worker: Worker, steps: int) -> None:
        self.told: list[str] = []
        self._worker, self._steps = worker, steps

    def take_back(self) -> None:
        self.told.append("take back")

    def step(self) -> bool:
        self.told.append("step")
        if self.told.count("step") == self._steps:
            self._worker.end()
        else:
            self._worker.call()
        return False

    def due_in(self) -> float:
        return inf

    def flush(self) -> None:
        self.told.append("flush")


def test_a_call_ends_the_rest_and_the_end_delivers_what_is_held() -> None:
    worker = Worker(CONFIGURATION)
    bridge = Bridge(worker, 30)  # unless it is called, it would rest for two minutes in all

    worker._deliver(cast("Any", bridge))

    assert bridge.told == ["take back", *["step"] * 30, "flush"]


def test_what_is_held_is_due_by_its_age_or_its_size() -> None:
    buffer = Buffer()
    assert buffer.due_in(CONFIGURATION, 100.0) == inf

    buffer.add([cast("Record", None)], [b"12345"], 100.0)
    assert buffer.due_in(CONFIGURATION, 101.0) == 4.0
    assert buffer.due_in(CONFIGURATION, 107.0) == 0.0

    buffer.add([cast("Record", None)], [b"67890"], 101.0)
    assert buffer.due_in(CONFIGURATION, 101.0) == 0.0

"""When a worker reads records, delivers its buffer, and ends."""

from __future__ import annotations

import time
from dataclasses import replace
from math import inf
from pathlib import Path
from typing import Any, cast

import pytest

from nrti_local.firehose.__main__ import _follow
from nrti_local.firehose.bridge import Buffer
from nrti_local.firehose.configuration import Configuration
from nrti_local.firehose.source import Record
from nrti_local.firehose.worker import Worker

CONFIGURATION = Configuration("s", "arn", None, "bucket", "", "", interval=5.0, size=10, schema=None)


class Bridge:
    """Wakes the worker in each step, and ends it after a number of steps."""

    def __init__(self, worker: Worker, last: int, *, finds: bool = False) -> None:
        self.steps: list[str] = []
        self._worker, self._last, self._finds = worker, last, finds

    def roll_back(self) -> None:
        self.steps.append("roll back")

    def step(self) -> bool:
        self.steps.append("step")
        if self.steps.count("step") == self._last:
            self._worker.end()
        else:
            self._worker.wake()
        return self._finds

    def due_in(self) -> float:
        return inf

    def flush(self) -> None:
        self.steps.append("flush")


def test_waking_ends_the_pause_and_the_end_delivers_the_buffer() -> None:
    worker = Worker(CONFIGURATION)
    bridge = Bridge(worker, 30)  # without waking, it would pause for two minutes in all

    worker._deliver(cast("Any", bridge))

    assert bridge.steps == ["roll back", *["step"] * 30, "flush"]


def test_a_read_that_found_records_is_not_followed_by_another_at_once() -> None:
    worker = Worker(replace(CONFIGURATION, interval=1.0))
    bridge = Bridge(worker, 3, finds=True)  # each step wakes the worker

    began = time.monotonic()
    worker._deliver(cast("Any", bridge))

    assert bridge.steps == ["roll back", *["step"] * 3, "flush"]
    assert time.monotonic() - began >= 0.5


def test_a_buffer_is_due_by_its_age_or_its_size() -> None:
    buffer = Buffer()
    assert buffer.due_in(CONFIGURATION, 100.0) == inf

    buffer.add([cast("Record", None)], [b"12345"], 100.0)
    assert buffer.due_in(CONFIGURATION, 101.0) == 4.0
    assert buffer.due_in(CONFIGURATION, 107.0) == 0.0

    buffer.add([cast("Record", None)], [b"67890"], 101.0)
    assert buffer.due_in(CONFIGURATION, 101.0) == 0.0


class Former(Worker):
    """Delivers nothing until its end, and remembers who else works then."""

    def __init__(self, workers: dict[Configuration, Worker]) -> None:
        super().__init__(CONFIGURATION)
        self._workers = workers
        self.beside: list[Worker] | None = None

    def run(self) -> None:
        self._ended.wait()
        self.beside = list(self._workers.values())


def test_a_changed_stream_is_delivered_by_one_worker_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both would write the same checkpoint, and deliver what the former one has in its buffer."""
    monkeypatch.setenv("NRTI_LOCAL_STATE", str(tmp_path))
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-2")
    workers: dict[Configuration, Worker] = {}
    workers[CONFIGURATION] = former = Former(workers)
    former.start()
    changed = replace(CONFIGURATION, interval=1.0)

    _follow({changed}, workers)

    assert former.beside == []
    assert workers.keys() == {changed}
    workers[changed].end()
    workers[changed].join()

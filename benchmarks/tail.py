"""`nrti tail` on a table that items are put into: how soon it prints them, how many, what waiting costs."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from benchmarks.report import Measurement
from benchmarks.system import NRTI, own_home, target
from nrti_cli.aws.target import Target

_BATCH = 25
_SETTLING_SECONDS = 3.0
_IDLE_SECONDS = 20.0


def run() -> list[Measurement]:
    with own_home():
        subprocess.run([NRTI, "bootstrap"], check=True, capture_output=True)
        return [_latency(target()), _throughput(target()), _idle()]


class Tail:
    """A running `nrti tail`, and when it printed what."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.process = process
        #: Seconds from stored to printed, in the order of printing.
        self.delays: list[float] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            stored = datetime.fromisoformat(json.loads(line)["predicted_at"])
            self.delays.append(time.time() - stored.timestamp())

    def wait_for(self, count: int) -> None:
        """Until it has printed so many lines."""
        deadline = time.monotonic() + 30
        while len(self.delays) < count:
            assert time.monotonic() < deadline, f"{len(self.delays)} of {count} came"
            time.sleep(0.01)


@contextmanager
def _following() -> Iterator[Tail]:
    command = [NRTI, "tail", "--format", "json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        time.sleep(_SETTLING_SECONDS)  # it says nothing of when it has begun
        try:
            yield Tail(process)
        finally:
            process.kill()


def put(aws: Target, count: int) -> None:
    """Stores so many predictions at once, at most a batch."""
    items = [{"PutRequest": {"Item": _item(number)}} for number in range(count)]
    aws.client("dynamodb").batch_write_item(RequestItems={f"{aws.stack}-predictions": items})


def _item(number: int) -> dict[str, Any]:
    now = time.time_ns()
    moment = {"N": str(now // 1_000_000)}
    return {
        "sensor": {"S": "sensor-x"},
        "event_key": {"S": f"{now}#{number}"},
        "event_id": {"S": f"{now}-{number}"},
        "model": {"S": "failure-v1"},
        "timestamp": moment,
        "received_at": moment,
        "predicted_at": moment,
        "data": {"L": [{"N": "3"}, {"N": "97"}, {"N": "12"}]},
        "prediction": {"N": "1"},
        "probability": {"N": "0.9931"},
        "endpoint": {"S": "nrti-failure-v1"},
    }


def _latency(aws: Target) -> Measurement:
    """Events that come one by one, further apart than it waits."""
    with _following() as tail:
        for number in range(20):
            put(aws, 1)
            time.sleep(0.5 + 0.037 * (number % 10))
        tail.wait_for(20)
    p50, worst = statistics.median(tail.delays), max(tail.delays)
    return Measurement(
        "stored to printed, single events", f"p50 {p50 * 1000:.0f} ms", "p50 <= 300 ms", p50 <= 0.3,
        f"the latest {worst * 1000:.0f} ms",
    )  # fmt: skip


def _throughput(aws: Target) -> Measurement:
    batches = 200
    with _following() as tail:
        began = time.monotonic()
        for number in range(batches):
            time.sleep(max(0.0, began + number * _BATCH / 500 - time.monotonic()))
            put(aws, _BATCH)
        taken = time.monotonic() - began
        tail.wait_for(batches * _BATCH)
    last = max(tail.delays[-_BATCH:])
    return Measurement(
        f"{batches * _BATCH:,} events to a pipe at {batches * _BATCH / taken:.0f}/s",
        f"the last one printed {last * 1000:.0f} ms after it was stored",
        "<= 1 s",
        last <= 1,
        f"p50 {statistics.median(tail.delays) * 1000:.0f} ms",
    )


def _idle() -> Measurement:
    with _following() as tail:
        before = _cpu_seconds(tail.process.pid)
        time.sleep(_IDLE_SECONDS)
        share = (_cpu_seconds(tail.process.pid) - before) / _IDLE_SECONDS
    return Measurement("an idle stream", f"{share:.2%} of a core", "< 1 %", share < 0.01)


def _cpu_seconds(pid: int) -> float:
    user, system = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")

"""Sends four times the sustainable load for a minute: what is rejected, and how long the others take."""

from __future__ import annotations

import asyncio
import subprocess
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from benchmarks.report import Measurement
from benchmarks.system import NRTI, own_home, target
from nrti_cli.aws import sqs
from nrti_cli.aws.apigateway import api_key
from nrti_cli.aws.target import Target
from nrti_cli.embedded import files
from nrti_cli.percentiles import nearest_rank
from nrti_cli.stack.outputs import outputs
from nrti_local import process

_SECONDS = 60
_TIMES = 4
_CALM_RATE = 20
_RECOVERY_SECONDS = 10
#: Requests under way at once; real producers have a limit too.
_IN_FLIGHT = 500


@dataclass
class Sent:
    """What came of requests: how many had which status, and the latencies in seconds of those accepted."""

    statuses: Counter[int] = field(default_factory=Counter)
    latencies: list[float] = field(default_factory=list)

    def percentile(self, percent: float) -> float:
        """A percentile of the latency of accepted requests, in milliseconds."""
        return 1000 * nearest_rank(sorted(self.latencies), percent)


def run() -> list[Measurement]:
    with own_home():
        for command in (["bootstrap"], ["train", "--name", "bench", "--rows", "5000"]):
            subprocess.run([NRTI, *command], check=True, capture_output=True)
        return asyncio.run(_overload(target()))


async def _overload(aws: Target) -> list[Measurement]:
    before, rate = await _send(aws, _CALM_RATE, 5), await _sustainable(aws)
    memory = _memory()
    began, stored = time.monotonic(), _settled(aws)
    overload = await _send(aws, rate * _TIMES, _SECONDS)
    peak = _memory()
    await asyncio.sleep(_RECOVERY_SECONDS)
    after = await _send(aws, _CALM_RATE, 5)
    accepted = overload.statuses[202] + after.statuses[202]
    while (arrived := _settled(aws) - stored) < accepted and time.monotonic() - began < 3 * _SECONDS:
        await asyncio.sleep(0.2)
    return [
        Measurement("events scored per second", f"{rate:,.0f}", "some", rate > 0),
        Measurement(
            f"{_TIMES} times as many for {_SECONDS} s",
            ", ".join(f"{count:,} answered {status}" for status, count in sorted(overload.statuses.items())),
            "202 or 429 alone",
            set(overload.statuses) <= {202, 429},
        ),
        Measurement(
            "due to accepted, meanwhile",
            f"p50 {overload.percentile(50):.0f} ms, p99 {overload.percentile(99):.0f} ms",
            "p99 < 1 s",
            overload.percentile(99) < 1000,
        ),
        Measurement(
            f"due to accepted, {_RECOVERY_SECONDS} s later at {_CALM_RATE}/s",
            f"p50 {after.percentile(50):.1f} ms, p99 {after.percentile(99):.1f} ms; before "
            f"{before.percentile(50):.1f} and {before.percentile(99):.1f}",
            "as before",
            after.percentile(50) < 2 * before.percentile(50) + 5,
        ),
        Measurement(
            "accepted but not stored", f"{accepted - arrived:,} of {accepted:,}", "0", arrived == accepted
        ),
        Measurement(
            "memory of the server",
            f"{memory:.0f} MB before, {peak:.0f} MB after",
            "64 MB of inputs at most, and what is stored",
            peak < memory + 500,
        ),
    ]


async def _sustainable(aws: Target) -> float:
    """Returns how many single events are scored per second under a constant backlog."""
    began, stored = time.monotonic(), _settled(aws)
    sent = await _send(aws, 1000, 8)
    while (arrived := _settled(aws) - stored) < sent.statuses[202]:
        await asyncio.sleep(0.05)
    return arrived / (time.monotonic() - began)


async def _send(aws: Target, rate: float, seconds: float) -> Sent:
    """Sends single events on an absolute schedule, each once."""
    found, sent = outputs(aws), Sent()
    url = f"{aws.invoke_url(found.api_id, found.api_stage)}/events"
    headers = {"x-api-key": api_key(aws, found.api_key_id), "content-type": "application/json"}
    body = b'{"sensor": "s", "model": "bench", "data": [1, 2, 3]}'

    async def post(due: float) -> None:
        async with session.post(url, data=body) as answer:
            await answer.read()
        sent.statuses[answer.status] += 1
        if answer.status == 202:
            sent.latencies.append(time.monotonic() - due)

    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(headers=headers, connector=connector) as session:
        under_way: set[asyncio.Task[None]] = set()
        began = time.monotonic()
        for number in range(int(rate * seconds)):
            due = began + number / rate
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            if len(under_way) >= _IN_FLIGHT:
                await asyncio.wait(under_way, return_when=asyncio.FIRST_COMPLETED)
            task = asyncio.create_task(post(time.monotonic()))
            under_way.add(task)
            task.add_done_callback(under_way.discard)
        await asyncio.gather(*under_way)
    return sent


def _settled(aws: Target) -> int:
    """How many events are items or dead letters."""
    found = outputs(aws)
    table: Any = aws.client("dynamodb").describe_table(TableName=found.table)["Table"]
    depth = sqs.depth(aws, found.dead_letter_queue_url)
    return int(table["ItemCount"]) + (depth.total if depth else 0)


def _memory() -> float:
    """The resident memory of the embedded AWS's main process, in MB."""
    running = process.running(files())
    assert running
    lines = Path(f"/proc/{running.pid}/status").read_text().splitlines()
    (size,) = (line.split()[1] for line in lines if line.startswith("VmRSS"))
    return int(size) / 1024

"""What the pipeline of the embedded AWS sustains, how long an event takes, and what memory and rest cost.

Beside it, in the same run: a stock ministack of the same release with the same stack, and the bare work of
one event on one core.
"""

from __future__ import annotations

import subprocess
import time

from benchmarks import stock
from benchmarks.latency import new_items
from benchmarks.load import MODEL, produce, stored
from benchmarks.processes import Family
from benchmarks.report import Measurement
from benchmarks.system import NRTI, own_home, target
from nrti_cli.aws.target import Target
from nrti_cli.durations import show_duration
from nrti_cli.percentiles import nearest_rank

_SECONDS = 60
_SINGLE, _BATCHED, _BATCH = 400, 3000, 25
#: How long after the last event all have to be stored, if nothing backed up.
_CATCH_UP_SECONDS = 2.0
#: What of the rate has to be stored, by the clock from the producer's start to the last event's storing.
_KEPT = 0.98
_LATENCY_RATE, _LATENCY_SECONDS = 100, 20
_EVENTS_IN_MEMORY, _MEGABYTES = 100_000, 600
_IDLE_SECONDS, _IDLE_SHARE = 20, 0.02


def run() -> list[Measurement]:
    """Everything; about four minutes."""
    with own_home() as home:
        subprocess.run([NRTI, "bootstrap", "--buffer-seconds", "5"], check=True, capture_output=True)
        subprocess.run([NRTI, "train", "--name", MODEL], check=True, capture_output=True)
        aws, family = target(), Family(home)
        produce(aws, family, MODEL, 100, 1, 3)
        idle = _idle(family)
        beside = (
            f"stock ministack {stock.rate(aws):.0f}/s; the bare work on one core {stock.bound(home):.0f}/s"
        )
        single = _sustained(aws, family, _SINGLE, 1, beside)
        latency = _latency(aws)
        memory = _memory(aws, family)
        batched = _sustained(aws, family, _BATCHED, _BATCH, "")
        return [single, batched, latency, memory, idle]


def _sustained(aws: Target, family: Family, rate: int, batch: int, beside: str) -> Measurement:
    came = produce(aws, family, MODEL, rate, batch, _SECONDS)
    lost = came.accepted - came.stored
    sustained = came.stored / (came.seconds + came.behind)
    met = lost == 0 and came.behind <= _CATCH_UP_SECONDS and sustained >= _KEPT * rate
    kind = "single events" if batch == 1 else f"events in batches of {batch}"
    return Measurement(
        f"{kind}, {rate:,}/s for {_SECONDS} s",
        f"{sustained:,.0f}/s stored, all {show_duration(came.behind)} after "
        f"the last was sent, {lost} lost, {1000 * came.processor / came.stored:.2f} ms of CPU an event",
        f">= {rate:,}/s, none lost, none behind",
        met,
        beside,
    )


def _latency(aws: Target) -> Measurement:
    sent = _LATENCY_RATE * _LATENCY_SECONDS
    command = [NRTI, "produce", "--rate", str(_LATENCY_RATE), "--arrivals", "steady", "--count", str(sent)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL):
        ages = sorted(age for _, age in zip(range(sent), new_items(aws), strict=False))
    p50, p99 = nearest_rank(ages, 50), nearest_rank(ages, 99)
    return Measurement(
        f"event to stored, {_LATENCY_RATE}/s for {_LATENCY_SECONDS} s",
        f"p50 {p50:.1f} ms, p99 {p99:.1f} ms",
        "p50 <= 10 ms, p99 <= 50 ms",
        p50 <= 10 and p99 <= 50,
    )


def _memory(aws: Target, family: Family) -> Measurement:
    missing = max(0, _EVENTS_IN_MEMORY - stored(aws))
    if missing:
        produce(aws, family, MODEL, _BATCHED // 2, _BATCH, missing / (_BATCHED // 2))
    resident, shared_once = family.memory()
    return Measurement(
        f"memory of all processes after {stored(aws):,} events",
        f"{shared_once:.0f} MB ({resident:.0f} MB if what they share counts for each)",
        f"< {_MEGABYTES} MB",
        shared_once < _MEGABYTES,
    )


def _idle(family: Family) -> Measurement:
    before = family.processor_seconds()
    time.sleep(_IDLE_SECONDS)
    share = (family.processor_seconds() - before) / _IDLE_SECONDS
    return Measurement(
        f"idle, over {_IDLE_SECONDS} s",
        f"{share:.1%} of a core",
        f"<= {_IDLE_SHARE:.0%}",
        share <= _IDLE_SHARE,
    )

"""How much the producer sends, and how closely it keeps its rate, beside other load generators.

Each program has one core to itself and a sink on the other, and sends one event a request.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from statistics import median

from benchmarks.peers import installed
from benchmarks.report import Measurement
from benchmarks.sink import pinned, static_sink
from nrti_cli.durations import show_duration

_ROUNDS = 3
#: More than anything here can send, so that the schedule never holds it back.
_UNLIMITED = 100_000
_EVENTS = 20_000
_LEAST = 10_000
#: How many events at each rate.
_PACES = {1: 4, 100: 300, 1000: 4000, 5000: 15_000}
_ALLOWED = 0.005
_LATE_RATE, _LATE_SECONDS = 1000, 0.002

#: How late a process is that only sleeps until the next time is due: what the machine allows.
_SLEEPER = f"""
import time
began, late = time.monotonic(), []
for number in range({_PACES[_LATE_RATE]}):
    due = began + number / {_LATE_RATE}
    time.sleep(max(0, due - time.monotonic()))
    late.append(time.monotonic() - due)
print(sorted(late)[int(len(late) * 0.99)])
"""


def run() -> list[Measurement]:
    """The capacity and the pace; less than a minute."""
    with static_sink() as (url, sink):
        return [_capacity(url, sink), *(_pace(url, rate, events) for rate, events in _PACES.items())]


def _produce(url: str, rate: float, events: int) -> dict[str, float]:
    report = pinned(sys.executable, "-m", "benchmarks.produce", url, str(rate), str(events))
    result: dict[str, float] = json.loads(report)
    return result


def _capacity(url: str, sink: str) -> Measurement:
    """All take turns, so that a busy machine is unfair to none."""
    peers = installed()
    present: dict[str, Callable[[str], float]] = {
        "nrti": lambda url: _produce(url, _UNLIMITED, _EVENTS)["accepted_per_second"],
        **{name: measure for name, measure in peers.items() if measure},
    }
    rounds = [{name: measure(url) for name, measure in present.items()} for _ in range(_ROUNDS)]
    medians = {name: median(figures[name] for figures in rounds) for name in present}
    ours = medians.pop("nrti")
    beside = [f"{name} {figure:,.0f}/s (x{ours / figure:.2f})" for name, figure in medians.items()]
    beside += [f"{name} not installed" for name, measure in peers.items() if measure is None]
    return Measurement(
        f"single events, one process on one core, against {sink}",
        f"{ours:,.0f}/s",
        f">= {_LEAST:,}/s",
        ours >= _LEAST,
        "; ".join(beside),
    )


def _pace(url: str, rate: int, events: int) -> Measurement:
    result = _produce(url, rate, events)
    error = result["sent_per_second"] / rate - 1
    late = result["late_p99"]
    met, target, beside = abs(error) <= _ALLOWED, f"within {_ALLOWED:.1%}", ""
    if rate == _LATE_RATE:
        met = met and late <= _LATE_SECONDS
        target += f", sent within {show_duration(_LATE_SECONDS)} of when due (p99)"
        beside = f"a loop that only sleeps: {show_duration(float(pinned(sys.executable, '-c', _SLEEPER)))}"
    latency = " ".join(f"p{q} {show_duration(result[f'latency_p{q}'])}" for q in (50, 99))
    return Measurement(
        f"{rate:,} events/s (due to accepted: {latency})",
        f"{error:+.3%}, sent {show_duration(late)} off (p99)",
        target,
        met,
        beside,
    )

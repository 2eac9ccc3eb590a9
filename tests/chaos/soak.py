"""`make soak`: a long steady load, after which nothing may have leaked and nothing become slower.

`python -m tests.chaos.soak [DURATION] [RATE]`, 30m at 50 events a second if left out.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from statistics import median

from benchmarks.report import Measurement, section

from nrti_cli.durations import parse_duration, show_duration
from tests.chaos import lake
from tests.chaos.load import Load
from tests.chaos.system import own_system
from tests.chaos.vitals import Figures, Vitals

_SAMPLE_SECONDS = 2.0
#: The first part of a run fills caches and pools; slopes are taken of the rest.
_WARM_UP = 1 / 3
#: An event is kept as an item, and for a day as a change in the table's stream and in Kinesis. A leak in a
#: process that keeps nothing would show at a fraction of that.
_SERVER_BYTES_PER_EVENT = 3_000
_OTHERS_BYTES_PER_EVENT = 200
#: What a count may differ by, from one moment to another.
_PLAY = {"file descriptors": 6, "threads": 6, "processes": 0, "temporary files": 2}
#: By how much the last third of the run may be slower than the first; machines breathe.
_SLOWER, _SLOWER_MILLISECONDS = 1.5, 20


def main() -> None:
    """Runs the soak and exits with 1 if a bound was not kept."""
    duration = parse_duration(sys.argv[1]) if len(sys.argv) > 1 else 1800.0
    rate = float(sys.argv[2]) if len(sys.argv) > 2 else 50.0
    with own_system() as system:
        begin = time.time()
        with Vitals(system, _SAMPLE_SECONDS) as vitals:
            load = Load.start(system, "--duration", f"{duration}", rate=rate)
            totals = load.wait(duration + 60)
        load.verified()
        spans = lake.latencies(system, max(1, int(duration / 30)), begin)
    title = f"Soak: {totals.accepted:,} events in {show_duration(duration)}, {rate:g}/s"
    findings = [*_held(vitals.figures, duration, rate), *_flat(spans)]
    sys.stdout.write(section(title, findings))
    sys.exit(0 if all(finding.met for finding in findings) else 1)


def _held(figures: Figures, duration: float, rate: float) -> Iterator[Measurement]:
    """What the processes hold on to that are there from the warm-up to the end."""
    end = max(series.times[-1] for series in figures.values())
    settled = min(series.times[0] for series in figures.values()) + duration * _WARM_UP
    for (role, figure), series in sorted(figures.items()):
        if series.times[0] > settled or series.times[-1] < end - duration / 6:
            continue
        if figure == "memory":
            per_event = series.slope(settled) / rate
            bound = _SERVER_BYTES_PER_EVENT if role == "server" else _OTHERS_BYTES_PER_EVENT
            span = f"{series.values[0] / 1e6:.0f} MB to {series.values[-1] / 1e6:.0f} MB"
            yield Measurement(
                f"{role}: memory ({span})",
                f"{per_event:+,.0f} bytes per event",
                f"{bound:,} bytes per event",
                per_event <= bound,
            )
        else:
            before = series.level(settled, settled + duration / 6)
            after = series.level(end - duration / 6, end)
            yield Measurement(
                f"{role}: {figure}",
                f"{before:.0f}, then {after:.0f}",
                f"{before:.0f} + {_PLAY[figure]}",
                after <= before + _PLAY[figure],
            )


def _flat(spans: list[lake.Latency]) -> Iterator[Measurement]:
    """How long events took until they were judged, at the begin of the run and at its end."""
    third = max(1, len(spans) // 3)
    for name in ("p50", "p99"):
        values = [float(getattr(span, name)) for span in spans]
        first, last = median(values[:third]), median(values[-third:])
        bound = first * _SLOWER + _SLOWER_MILLISECONDS
        yield Measurement(
            f"event to judged, {name}: first third, last third",
            f"{first:.0f} ms, {last:.0f} ms",
            f"{bound:.0f} ms",
            last <= bound,
        )


if __name__ == "__main__":
    main()

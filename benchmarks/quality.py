"""The quality of a million predictions in a hundred files, all of them labelled by intervals."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from benchmarks.lake import SENSORS, fill
from benchmarks.report import Measurement
from benchmarks.system import NRTI, median_seconds, own_home, target
from nrti_cli.stack.outputs import outputs

_DAY = date(2026, 10, 1)
_ROWS, _FILES = 1_000_000, 100
_SECONDS = 3.0


def run() -> list[Measurement]:
    with own_home() as home:
        subprocess.run([NRTI, "bootstrap"], check=True, capture_output=True)
        aws = target()
        fill(aws, outputs(aws), _DAY, _ROWS, _FILES)
        labels = home / "labels.csv"
        labels.write_text("".join(_labels()))
        subprocess.run([NRTI, "label", str(labels)], check=True, capture_output=True)
        return [*_measured(labels)]


def _labels() -> Iterator[str]:
    """In each hour of the day every sensor fails for half an hour."""
    yield "sensor,start,end,label\n"
    for number in range(SENSORS):
        for hour in range(24):
            yield f"sensor-{number},{_DAY}T{hour:02d}:00:00Z,{_DAY}T{hour:02d}:29:59.999Z,1\n"
            yield f"sensor-{number},{_DAY}T{hour:02d}:30:00Z,{_DAY}T{hour:02d}:59:59.999Z,0\n"


def _measured(labels: Path) -> Iterator[Measurement]:
    rows = len(labels.read_text().splitlines()) - 1
    for title, options in (("quality", ()), ("quality by sensor", ("--by", "sensor"))):
        taken = median_seconds(NRTI, "quality", "--since", str(_DAY), *options, repeats=5)
        yield Measurement(
            f"{title} of {_ROWS:,} predictions in {_FILES} files, whole process",
            f"{taken:.2f} s",
            f"<= {_SECONDS:.0f} s",
            taken <= _SECONDS,
            f"all labelled, by {rows:,} intervals",
        )

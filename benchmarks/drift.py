"""Drift of a million predictions in a hundred files."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from benchmarks.lake import fill
from benchmarks.report import Measurement
from benchmarks.system import NRTI, median_seconds, own_home, target
from nrti_cli.models.endpoint import find
from nrti_cli.stack.outputs import outputs

_ROWS, _FILES = 1_000_000, 100
_MODEL = "failure-v1"
_DAY = datetime.now(UTC).date() - timedelta(days=1)


def run() -> list[Measurement]:
    with own_home():
        subprocess.run([NRTI, "bootstrap"], check=True, capture_output=True)
        subprocess.run([NRTI, "train", "--name", _MODEL, "--rows", "20000"], check=True, capture_output=True)
        aws = target()
        version = find(aws, _MODEL).config[-17:]
        fill(aws, outputs(aws), _DAY, _ROWS, _FILES, version)
        return list(_drift())


def _drift() -> Iterator[Measurement]:
    """The random predictions of the lake are not the model's: the command finds drift, and exits with 1."""
    taken = median_seconds(NRTI, "drift", "--since", str(_DAY), repeats=5, code=1)
    yield Measurement(
        f"drift of {_ROWS:,} predictions in {_FILES} files, whole process",
        f"{taken:.2f} s",
        "<= 3 s",
        taken <= 3,
    )

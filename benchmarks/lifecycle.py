"""Deployment and training: bootstrap, bootstrap again, train."""

from __future__ import annotations

import statistics
import subprocess

from benchmarks.report import Measurement
from benchmarks.system import NRTI, median_seconds, own_home, seconds


def run() -> list[Measurement]:
    cold = []
    for _ in range(3):
        with own_home():
            cold.append(seconds(NRTI, "bootstrap"))
    with own_home():
        subprocess.run([NRTI, "bootstrap"], check=True, capture_output=True)
        unchanged = median_seconds(NRTI, "bootstrap", repeats=5)
        trained = statistics.median(seconds(NRTI, "train", "--name", f"bench-{i}") for i in range(3))
    return [
        _measurement("`nrti bootstrap`, cold", statistics.median(cold), 5),
        _measurement("`nrti bootstrap`, nothing changed", unchanged, 1.5),
        _measurement("`nrti train` on 50,000 rows, to InService", trained, 15),
    ]


def _measurement(what: str, figure: float, target: float) -> Measurement:
    return Measurement(what, f"{figure:.2f} s", f"<= {target:g} s", figure <= target)

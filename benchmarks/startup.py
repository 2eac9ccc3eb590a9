"""How long the command line takes to say anything."""

from __future__ import annotations

import sys

from benchmarks.report import Measurement
from benchmarks.system import NRTI, interleaved_medians


def run() -> list[Measurement]:
    ours, bare = interleaved_medians([NRTI, "--help"], [sys.executable, "-c", "import typer"])
    return [
        Measurement(
            "`nrti --help`",
            f"{ours * 1000:.0f} ms",
            "<= 2.5 times a bare `import typer`",
            ours <= 2.5 * bare,
            f"bare import {bare * 1000:.0f} ms, ratio {ours / bare:.2f}",
        )
    ]

"""What a benchmark found, and the page that shows it."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

RESULTS = Path(__file__).parent / "RESULTS.md"
_VERSIONS = (
    "ministack",
    "boto3",
    "typer",
    "aiohttp",
    "pyreqwest",
    "pyarrow",
    "duckdb",
    "scikit-learn",
    "uvicorn",
)


@dataclass(frozen=True)
class Measurement:
    """One line of the table.

    Attributes:
        what: what was measured, and under which load.
        figure: the median, with its unit.
        target: what it is to be, in the same unit.
        met: whether it is.
        beside: the peer or the bound that was measured in the same run, if there is one.
    """

    what: str
    figure: str
    target: str
    met: bool
    beside: str = ""


def render(sections: Iterable[tuple[str, list[Measurement]]]) -> str:
    """The page, in markdown."""
    return "\n".join(["# Results", "", _machine(), "", *(section(*named) for named in sections)])


def section(title: str, measurements: Iterable[Measurement]) -> str:
    """One table of the page."""
    lines = [
        f"## {title}",
        "",
        "| what | figure | target | met | for comparison |",
        "| --- | --- | --- | --- | --- |",
    ]
    lines += [
        f"| {m.what} | {m.figure} | {m.target} | {'yes' if m.met else '**no**'} | {m.beside} |"
        for m in measurements
    ]
    return "\n".join([*lines, ""])


def _machine() -> str:
    versions = ", ".join(f"{name} {version(name)}" for name in _VERSIONS)
    system = f"{os.cpu_count()} cores, {platform.machine()}, {platform.system()}"
    python = platform.python_version()
    return (
        f"Written by `make bench` on {datetime.now(UTC):%Y-%m-%d}: {system}, Python {python}, {versions}. "
        "Medians; the machine is shared, so compare figures of one run with each other only."
    )

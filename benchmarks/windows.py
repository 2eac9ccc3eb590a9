"""A million rows of four sensors as windows: how long the reading takes, and how much memory."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

import numpy as np
import pyarrow as pa
import pyarrow.csv as pcsv

from benchmarks.report import Measurement

_ROWS = 1_000_000
_SENSORS = 4
_SIZE = 24
_ROUNDS = 3
_SECONDS, _MEGABYTES = 1.0, 300

#: A process of its own, for its memory. The modules are loaded before the clock starts.
_READ = f"""
import json, re, sys, time
from pathlib import Path
from nrti_cli.models.training.datafile import load
from nrti_cli.tables.layout import Layout
from nrti_cli.tables.schema import Schema
import nrti_cli.tables.formats.delimited
layout = Layout(schema=Schema(group="sensor", time="timestamp", window={_SIZE}, hop=int(sys.argv[2])))
began = time.perf_counter()
found = load(sys.argv[1], layout, None, lambda _: None)
seconds = time.perf_counter() - began
peak = int(re.search(r"VmHWM:\\s*(\\d+)", Path("/proc/self/status").read_text())[1]) / 1024
print(json.dumps([len(found.labels), seconds, peak]))
"""


def run() -> list[Measurement]:
    with tempfile.TemporaryDirectory() as place:
        file = Path(place, "signals.csv")
        _write(file)
        return [_measured(file, hop) for hop in (1, _SIZE // 2)]


def _write(file: Path) -> None:
    random, seconds = np.random.default_rng(0), np.arange(_ROWS) // _SENSORS
    times = np.datetime64("2026-01-01T00:00:00") + seconds.astype("timedelta64[s]")
    table = pa.table(
        {
            "timestamp": times.astype(str),
            "sensor": [f"pump-{sensor}" for sensor in range(_SENSORS)] * (_ROWS // _SENSORS),
            "temperature": random.normal(60, 1, _ROWS).round(4),
            "pressure": random.normal(5, 0.1, _ROWS).round(4),
            "event": (random.random(_ROWS) < 0.001).astype(np.int8),
        }
    )
    pcsv.write_csv(table, file)


def _measured(file: Path, hop: int) -> Measurement:
    found = [
        json.loads(subprocess.check_output([sys.executable, "-c", _READ, str(file), str(hop)]))
        for _ in range(_ROUNDS)
    ]
    (windows, *_), seconds, peak = found[0], median(each[1] for each in found), max(each[2] for each in found)
    return Measurement(
        what=f"{_ROWS:,} rows of CSV as {windows:,} windows of {_SIZE} rows and 2 channels",
        figure=f"{seconds:.2f} s, {peak:.0f} MB",
        target=f"<= {_SECONDS:.0f} s, <= {_MEGABYTES} MB",
        met=seconds <= _SECONDS and peak <= _MEGABYTES,
        beside=f"{file.stat().st_size / 1e6:.0f} MB of text",
    )

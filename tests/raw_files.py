"""Files as plants and laboratories publish them: small, made up, and each awkward in the way of its kind."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

_BEGIN = datetime(2026, 3, 9, 10, 14, 33)


def machine_temperature(directory: Path) -> None:
    """A value every five minutes, with a day without any; the failures are in a file of their own."""
    random = np.random.default_rng(1)
    times = [_BEGIN + timedelta(minutes=5 * step + (1440 if step > 2000 else 0)) for step in range(4000)]
    values = 85 + 4 * np.sin(np.arange(4000) / 45) + random.normal(0, 1, 4000)
    failed = [(start, start + 60) for start in range(150, 3900, 300)]
    for start, end in failed:
        values[start:end] -= np.linspace(5, 30, end - start)
    _write(
        directory / "machine_temperature.csv",
        ["timestamp,value", *(f"{time},{value:.4f}" for time, value in zip(times, values, strict=True))],
    )
    _write(
        directory / "failures.csv",
        ["start,end", *(f"{times[start].isoformat()},{times[end - 1].isoformat()}" for start, end in failed)],
    )


def valves(directory: Path) -> None:
    """Eight channels each second, with semicolons, two labels and some seconds without a row."""
    random = np.random.default_rng(2)
    names = (
        "Accelerometer1RMS", "Accelerometer2RMS", "Current", "Pressure", "Temperature", "Thermocouple",
        "Voltage", "Volume Flow RateRMS",
    )  # fmt: skip
    values = random.normal((0.03, 0.04, 1.1, 0.05, 69, 25, 220, 29), 0.01, (2000, 8))
    labels = (np.arange(2000) // 50) % 10 == 9
    values[labels, 7] -= 2
    seconds = np.cumsum(1 + (random.random(2000) < 0.02) + 600 * (np.arange(2000) == 1200))
    lines = [
        f"{_BEGIN + timedelta(seconds=int(second))};{_joined(row, ';')};{label:.1f};{changes:.1f}"
        for second, row, label, changes in zip(
            seconds, values, labels, np.diff(labels, prepend=labels[0]), strict=True
        )
    ]
    _write(directory / "valves.csv", [f"datetime;{';'.join(names)};anomaly;changepoint", *lines])


def turbofan(directory: Path) -> None:
    """Engines that run until they fail, with blanks at the ends of lines and no names, and when that was."""
    random = np.random.default_rng(3)
    lines, log = [], ["start,end,1"]
    for engine in range(1, 31):
        cycles = int(random.integers(80, 140))
        wear = np.maximum(0, np.arange(cycles) - cycles + 30)[:, None] / 30
        values = random.normal((0, 518.67, 642, 1590), (0.002, 0, 0.4, 5), (cycles, 4)) + wear * (0, 0, 3, 30)
        lines += [f"{engine} {cycle} {_joined(row, ' ')}  " for cycle, row in enumerate(values, 1)]
        log.append(f"{cycles - 29},{cycles},{engine}")
    _write(directory / "turbofan.txt", lines)
    _write(directory / "last_cycles.csv", log)


def bearings(directory: Path) -> None:
    """Four channels of vibration with tabs and without names or times; the last has the state."""
    random = np.random.default_rng(4)
    worn = (np.arange(6000) // 50) % 6 == 5
    values = random.normal(0, np.where(worn, 0.4, 0.1)[:, None], (6000, 4))
    _write(
        directory / "bearings.tsv",
        [
            f"{_joined(row, chr(9))}\t{'worn' if state else 'ok'}"
            for row, state in zip(values, worn, strict=True)
        ],
    )


def heartbeats(directory: Path) -> None:
    """A beat of 187 values in each row, then its class from 0 to 4, without names and compressed."""
    random = np.random.default_rng(5)
    classes = random.choice(5, 600, p=(0.7, 0.08, 0.08, 0.07, 0.07))
    shape = np.exp(-(((np.arange(187) - 60) / 8) ** 2))
    late = np.exp(-(((np.arange(187)[None] - 90 - 10 * classes[:, None]) / 8) ** 2)) * (classes > 0)[:, None]
    beats = np.clip(shape + late + random.normal(0, 0.02, (600, 187)), 0, None)
    lines = [f"{_joined(row, ',')},{kind:.1f}" for row, kind in zip(beats, classes, strict=True)]
    (directory / "heartbeats.csv.gz").write_bytes(gzip.compress("\n".join(lines).encode(), mtime=0))


def process_plant(directory: Path) -> None:
    """Many columns with names in blanks, a label in words, values that are missing, in UTF-16."""
    random = np.random.default_rng(6)
    names = [f"FIT{place:03} Flow" for place in range(1, 52)]
    values = random.normal(2, 0.1, (1500, 51))
    attack = (np.arange(1500) // 30) % 10 == 9
    values[attack, 17] += 1
    texts = [_joined(row, ",").split(",") for row in values]
    for row in range(3, 1500, 97):
        texts[row][row % 51] = ""
    times = [f"{_BEGIN + timedelta(seconds=row):%d/%m/%Y %I:%M:%S %p}" for row in range(1500)]
    states = np.where(attack, "Attack", "Normal")
    lines = [",".join([time, *text, state]) for time, text, state in zip(times, texts, states, strict=True)]
    header = f"Timestamp,{','.join(names)},Normal/Attack"
    (directory / "plant.csv").write_text("\n".join([header, *lines]), encoding="utf-16")


def two_channels(directory: Path) -> None:
    """Two channels of two pumps with semicolons, a gap, and a failure in a tenth of the rows."""
    random = np.random.default_rng(7)
    lines = ["at;pump;temperature;pressure;failure"]
    for step in range(1000):
        time = _BEGIN + timedelta(seconds=step + (3600 if step >= 600 else 0))
        for pump in ("north", "south"):
            failure = (step // 20) % 10 == 9
            temperature, pressure = random.normal((60, 5), (1, 0.2)) + ((9, -1) if failure else (0, 0))
            lines.append(f"{time};{pump};{temperature:.3f};{pressure:.4f};{int(failure)}")
    _write(directory / "pumps.csv", lines)


MAKERS: tuple[Callable[[Path], None], ...] = (
    machine_temperature, valves, turbofan, bearings, heartbeats, process_plant, two_channels,
)  # fmt: skip


def _joined(row: NDArray[np.float64], separator: str) -> str:
    return separator.join(f"{value:.5g}" for value in row)


def _write(path: Path, lines: list[str]) -> None:
    path.write_text("\n".join(lines) + "\n")

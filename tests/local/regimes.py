"""Raw data of a plant whose sensors change, before and after the change, with its maintenance log."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np

FEATURES = ("vibration", "temperature", "pressure")
SENSORS = ("robot-1", "robot-2", "robot-3")
#: Consecutive rows in which a sensor fails, and one such run in so many rows.
_RUN, _EVERY = 10, 100
#: Before the change a failure is a vibration far above its usual level; afterwards it is that far below it,
#: and all levels have moved.
_LEVELS = {"before": (50.0, 60.0, 5.0), "after": (80.0, 75.0, 8.0)}
_JUMP = {"before": 25.0, "after": -25.0}


@dataclass(frozen=True)
class Files:
    """The files of one part of the story.

    Attributes:
        data: CSV with timestamp, sensor, the features and event.
        log: CSV with sensor, start, end and label: each failure, and the time until the next.
    """

    data: Path
    log: Path


def write(place: Path, regime: str, rows: int, begin: datetime, seed: int) -> Files:
    """Writes the files of a regime.

    Args:
        place: the directory.
        regime: before or after.
        rows: of each sensor, one a second.
        begin: the time of the first.
        seed: of the random numbers.
    """
    random = np.random.default_rng(seed)
    lines = [f"timestamp,sensor,{','.join(FEATURES)},event\n"]
    log = ["sensor,start,end,label\n"]
    for sensor in SENSORS:
        failing = np.zeros(rows, dtype=int)
        for start in range(0, rows, _EVERY):
            first = start + int(random.integers(1, _EVERY - _RUN))
            failing[first : first + _RUN] = 1
        changes = np.flatnonzero(np.diff(failing)) + 1
        for start, end in pairwise([0, *changes.tolist(), rows]):
            moments = [_iso(begin + timedelta(seconds=second)) for second in (start, end - 1)]
            log.append(f"{sensor},{','.join(moments)},{failing[start]}\n")
        values = np.array(_LEVELS[regime]) + random.normal(0, (4.0, 3.0, 0.5), (rows, 3))
        values[:, 0] += _JUMP[regime] * failing
        for second, (row, event) in enumerate(zip(values.round(3).tolist(), failing.tolist(), strict=True)):
            moment = _iso(begin + timedelta(seconds=second))
            lines.append(f"{moment},{sensor},{','.join(map(str, row))},{event}\n")
    data, kept = place / f"{regime}.csv", place / f"{regime}-log.csv"
    data.write_text("".join(lines))
    kept.write_text("".join(log))
    return Files(data, kept)


def _iso(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"

"""The lines of `nrti tail`, as wide as the terminal."""

import shutil
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from nrti_cli.commands.output.columns import GAP, Columns
from nrti_cli.durations import show_duration
from nrti_cli.sequences import show_sequence
from nrti_cli.verdicts import show_verdict

if TYPE_CHECKING:
    from nrti_cli.tail import Stored


_DAY_SECONDS = 86_400.0


class _Column(NamedTuple):
    """A column; the rest of the terminal's width is distributed by `shares`."""

    head: str
    width: int
    cell: "Callable[[Stored], str]"
    shares: int = 0


def _time(part: slice) -> "Callable[[Stored], str]":
    return lambda stored: stored.prediction.timestamp.isoformat(" ", "milliseconds")[part]


def _clock(digits: int) -> "Callable[[Stored], str]":
    """The time of day; or the date, if the event was stored on a much later day, as one from a file."""
    time, date = _time(slice(11, 11 + digits)), _time(slice(5, 16 if digits > 8 else 10))
    return lambda stored: (date if abs(stored.latency) >= _DAY_SECONDS else time)(stored)


def _sensor(stored: "Stored") -> str:
    return stored.prediction.sensor


def _verdict(stored: "Stored") -> str:
    prediction = stored.prediction
    return show_verdict(prediction.prediction, prediction.probability, prediction.score, prediction.label)


def _of_whom(sensor: int, model: int, sequence: int) -> list[_Column]:
    return [
        _Column("sensor", sensor, _sensor, shares=1),
        _Column("model", model, lambda stored: stored.prediction.model, shares=1),
        _Column("sequence", sequence, lambda stored: show_sequence(stored.prediction.data), shares=2),
    ]


_PREDICTION = _Column("prediction", 14, _verdict)
_LATENCY = _Column("latency", 7, lambda stored: show_duration(stored.latency))
_VERSION = _Column("version", 17, lambda stored: stored.prediction.version)
_FULL = [_Column("time (UTC)", 23, _time(slice(23))), *_of_whom(16, 20, 22), _PREDICTION, _LATENCY]
#: From the widest to the narrowest.
_LAYOUTS = [
    [*_FULL, _VERSION],
    _FULL,
    [_Column("time (UTC)", 12, _clock(12)), *_of_whom(11, 12, 14), _PREDICTION, _LATENCY],
    [_Column("at (UTC)", 8, _clock(8)), _Column("sensor", 14, _sensor, shares=1), _PREDICTION],
]


class Lines(Columns):
    """Lays out lines.

    Args:
        room: the terminal's width in characters; None if stdout is not a terminal, then nothing is truncated.
    """

    def __init__(self, room: int | None) -> None:
        fitting = (layout for layout in _LAYOUTS if room is None or room >= _width(layout))
        self._columns = next(fitting, _LAYOUTS[-1])
        free = max(room - _width(self._columns), 0) if room else 0
        shares = sum(column.shares for column in self._columns)
        super().__init__(
            [column.head for column in self._columns],
            [column.width + free * column.shares // shares for column in self._columns],
            [number for number, column in enumerate(self._columns) if column is _LATENCY],
            cut=room is not None,
        )

    @classmethod
    def of_stdout(cls) -> "Lines":
        """Lines for stdout."""
        return cls(shutil.get_terminal_size().columns if sys.stdout.isatty() else None)

    def prediction(self, stored: "Stored") -> str:
        """Formats one prediction."""
        return self.line([column.cell(stored).strip() for column in self._columns])


def _width(layout: list[_Column]) -> int:
    return sum(column.width for column in layout) + len(GAP) * (len(layout) - 1)

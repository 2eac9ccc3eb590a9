"""The predictions of `nrti tail` as lines for people, as wide as their terminal."""

import shutil
import sys
from typing import TYPE_CHECKING

from nrti_cli.durations import show_duration
from nrti_cli.sequences import show_sequence

if TYPE_CHECKING:
    from nrti_cli.tail import Stored

_HEADER = ("TIME (UTC)", "SENSOR", "MODEL", "SEQUENCE", "PREDICTION", "LATENCY")
_NARROW = (12, 11, 12, 14, 14, 7)
_WIDE = (23, 16, 20, 22, 14, 7)
_GAP = "  "


class Lines:
    """Lays out lines.

    Args:
        room: the terminal's width in characters; None where nobody looks, and then nothing is cut.
    """

    def __init__(self, room: int | None) -> None:
        wide = room is None or room >= sum(_WIDE) + len(_GAP) * (len(_WIDE) - 1)
        self._widths = _WIDE if wide else _NARROW
        self._time = slice(None, 23) if wide else slice(11, 23)
        self._cut = room is not None

    @classmethod
    def of_stdout(cls) -> "Lines":
        """As stdout wants them."""
        return cls(shutil.get_terminal_size().columns if sys.stdout.isatty() else None)

    def header(self) -> str:
        """The names of the columns."""
        return self._join(_HEADER)

    def line(self, stored: "Stored") -> str:
        """One prediction."""
        prediction = stored.prediction
        verdict = "failure" if prediction.prediction == 1 else "normal"
        return self._join(
            (
                prediction.timestamp.isoformat(" ", "milliseconds")[self._time],
                prediction.sensor,
                prediction.model,
                show_sequence(prediction.data),
                f"{verdict:<7} {prediction.probability:.4f}",
                show_duration(stored.latency),
            )
        )

    def _join(self, values: tuple[str, ...]) -> str:
        *cells, last = (self._fit(value, width) for value, width in zip(values, self._widths, strict=True))
        return _GAP.join([*cells, last.strip().rjust(self._widths[-1])])

    def _fit(self, value: str, width: int) -> str:
        """Fills up with blanks, and cuts what is too long for a terminal; a wide character counts twice."""
        if value.isascii() and (len(value) <= width or not self._cut):
            return value.ljust(width)
        from rich.cells import cell_len, set_cell_size

        if cell_len(value) > width and self._cut:
            return set_cell_size(value, width - 1) + "…"
        return value + " " * (width - cell_len(value))

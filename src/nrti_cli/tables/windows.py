"""Windows of the rows of signals: in the order of time, never across a gap or between groups."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nrti_cli.tables.schema import WindowLabel

#: A gap is this many usual steps, so that one or two lost rows are not a gap.
_STEPS_OF_A_GAP = 3


@dataclass(frozen=True)
class Windows:
    """Windows of rows, cut on demand: overlapping windows would fill the memory.

    Attributes:
        rows: all rows by group and time, shape (n, channels).
        starts: the first row of each window.
        size: rows in a window.
    """

    rows: NDArray[np.float64]
    starts: NDArray[np.intp]
    size: int

    def __len__(self) -> int:
        """The number of windows."""
        return len(self.starts)

    def __getitem__(self, some: slice) -> NDArray[np.float64]:
        """Some of them, flattened by rows: shape (m, size x channels)."""
        starts = self.starts[some]
        cut: NDArray[np.float64] = self.rows[starts[:, None] + np.arange(self.size)]
        return cut.reshape(len(starts), self.size * self.rows.shape[1])

    @property
    def ends(self) -> NDArray[np.intp]:
        """The last row of each window."""
        return self.starts + self.size - 1

    def labels(self, of_rows: NDArray[np.int8], rule: WindowLabel) -> NDArray[np.int8]:
        """The label of each window, from the labels of its rows."""
        if rule == "last":
            return np.asarray(of_rows[self.ends])
        sums = np.concatenate([[0], np.cumsum(of_rows, dtype=np.int64)])
        failures = sums[self.starts + self.size] - sums[self.starts]
        most = self.size if rule == "majority" else 0
        return np.asarray(failures * 2 > most, dtype=np.int8)

    def complete(self) -> Windows:
        """The windows without missing values."""
        sums = np.concatenate([[0], np.cumsum(np.isnan(self.rows).any(axis=1))])
        whole = sums[self.starts + self.size] == sums[self.starts]
        return Windows(self.rows, self.starts[whole], self.size)


@dataclass(frozen=True)
class Runs:
    """Runs of consecutive rows without a gap.

    Attributes:
        starts: the first row of each run.
        lengths: number of rows of each.
        gaps: number of runs that end in a gap of time.
        limit: the shortest gap in milliseconds; None if there are no times.
    """

    starts: NDArray[np.intp]
    lengths: NDArray[np.intp]
    gaps: int = 0
    limit: float | None = None


def order(groups: NDArray[np.int32] | None, times: NDArray[np.int64] | None) -> NDArray[np.intp] | None:
    """The order of rows by group and time, None if they are in order; it is stable."""
    keys = [key for key in (times, groups) if key is not None]
    if not keys or _is_ordered(groups, times):
        return None
    return np.lexsort(keys)


def _is_ordered(groups: NDArray[np.int32] | None, times: NDArray[np.int64] | None) -> bool:
    same = True if groups is None else np.diff(groups) == 0
    rising = True if groups is None else bool((np.diff(groups) >= 0).all())
    return rising and (times is None or bool((~np.asarray(same) | (np.diff(times) >= 0)).all()))


def runs(
    rows: int, groups: NDArray[np.int32] | None, times: NDArray[np.int64] | None, max_gap: float | None
) -> Runs:
    """Finds the runs of ordered rows.

    Args:
        rows: their number.
        groups: of the rows.
        times: of the rows, in milliseconds.
        max_gap: longest pause within a run in seconds; None for three times the median.
    """
    other = np.zeros(max(rows - 1, 0), dtype=bool) if groups is None else np.diff(groups) != 0
    apart, limit = np.zeros_like(other), None
    if times is not None:
        steps = np.diff(times)
        usual = steps[~other & (steps > 0)]
        limit = max_gap * 1000 if max_gap else _STEPS_OF_A_GAP * float(np.median(usual)) if len(usual) else 0
        apart = ~other & (steps > limit)
    starts = np.concatenate([[0], np.flatnonzero(other | apart) + 1]).astype(np.intp)
    lengths = np.diff(np.concatenate([starts, [rows]]))
    return Runs(starts, lengths, int(apart.sum()), limit)


def cut(rows: NDArray[np.float64], found: Runs, size: int, hop: int) -> Windows:
    """The windows of all runs; the rest at the end of a run is not used.

    Args:
        rows: in order, shape (n, channels).
        found: their runs.
        size: rows in a window.
        hop: rows between the starts of two windows.
    """
    counts = np.maximum(0, (found.lengths - size) // hop + 1)
    first = np.repeat(found.starts, counts)
    place = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    return Windows(rows, (first + hop * place).astype(np.intp), size)

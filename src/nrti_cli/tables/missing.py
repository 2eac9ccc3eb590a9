"""Handles missing values."""

from __future__ import annotations

from contextlib import suppress

import numpy as np
from numpy.typing import NDArray

from nrti_cli.errors import NrtiError
from nrti_cli.tables.faults import MissingValue
from nrti_cli.tables.groups import Groups
from nrti_cli.tables.layout import Layout
from nrti_cli.tables.numbers import matrix
from nrti_cli.tables.reader import opened
from nrti_cli.tables.roles import roles
from nrti_cli.tables.schema import Missing


class Gaps:
    """Handles missing values, block by block.

    Attributes:
        dropped: number of skipped rows.
    """

    def __init__(self, policy: Missing, *, complete: bool) -> None:
        """Takes the policy; `complete` if no value may be missing in the result, as in events."""
        self._policy = policy
        self._complete = complete or policy != "keep"
        self._last: dict[str, NDArray[np.float64]] = {}
        self.dropped = 0

    def fill(self, values: NDArray[np.float64], groups: Groups | None) -> NDArray[np.bool_] | None:
        """Fills in missing values; returns a mask of the rows to keep, None for all.

        Args:
            values: shape (n, k); is changed.
            groups: of the rows; a missing value takes the previous value of its group.
        """
        if self._policy == "ffill":
            self._fill_forward(values, groups)
        missing = np.isnan(values)
        if not self._complete or not missing.any():
            return None
        stays = ~np.asarray(missing.any(axis=1))
        self.dropped += int((~stays).sum())
        return stays

    def _fill_forward(self, values: NDArray[np.float64], groups: Groups | None) -> None:
        found = groups or Groups(np.zeros(len(values), dtype=np.int32), [""])
        for code, group in enumerate(found.names):
            rows = np.flatnonzero(found.codes == code)
            before = self._last.get(group, np.full(values.shape[1], np.nan))
            filled = _filled(np.vstack([before, values[rows]]))
            values[rows], self._last[group] = filled[1:], filled[-1]


def _filled(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Replaces each missing value by the previous one in its column."""
    places = np.where(np.isnan(values), 0, np.arange(len(values))[:, None])
    return np.take_along_axis(values, np.maximum.accumulate(places, axis=0), axis=0)


def counted(error: MissingValue, name: str, layout: Layout) -> MissingValue:
    """The error for the first missing value of a file, with their number.

    Args:
        error: for the first.
        name: of the file, which is read again.
        layout: of the file.
    """
    count = 0
    with suppress(NrtiError), opened(name, layout.form) as table:
        values = roles(table, layout.schema, (), "").values
        for block in table.blocks:
            count += int(np.isnan(matrix(block, values, missing=True)).sum())
    others = f", the first of {count:,}" if count > 1 else ""
    return MissingValue(f"{error.message}{others}", hint=error.hint)

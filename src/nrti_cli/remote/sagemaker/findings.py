"""What in the data makes a model look better than it is, or worse: named, one line each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from channel import Data, Values
    from splitting import Split

#: Of fewer failures in the test rows no figure says much.
_FEW = 30
#: More columns than these are counted, not named.
_NAMED = 3


def findings(data: Data, split: Split, units: int) -> list[str]:
    """One line for each kind of thing that is worth a look.

    Args:
        data: all rows.
        split: how they were parted.
        units: how many independent units of the test rows hold failures.
    """
    found = [*_columns(data)]
    if split.optimistic:
        found.append(f"{split.optimistic}: the figures are optimistic")
    if split.by == "time" and not data.told_time and data.alike:
        found.append("neighbouring rows are nearly the same: they are taken to be in time order")
    if units == 1:
        found.append("all failures of the test rows belong together: they say nothing about the next one")
    failures = int(data.labels[split.test].sum())
    if failures < _FEW:
        found.append(f"only {failures} failures are among the test rows: the intervals are wide")
    return found


def _columns(data: Data) -> Iterator[str]:
    kinds: dict[str, list[str]] = {}
    for name, column in zip(data.names, data.rows.T, strict=True):
        if what := _suspicion(column, data):
            kinds.setdefault(what, []).append(name)
    for what, names in kinds.items():
        more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
        yield f"{what}: {', '.join(map(repr, names[:_NAMED]))}{more}"


def _suspicion(column: Values, data: Data) -> str:
    known = column[~np.isnan(column)]
    if not len(known) or known.min() == known.max():
        return "constant column"
    if _separates(column, data):
        return "possible leak, the column alone separates the classes"
    if _numbers_rows(known):
        return "column that looks like a row number"
    return ""


def _separates(column: Values, data: Data) -> bool:
    """Whether all failures are on one side of a value and all other rows on the other."""
    known = ~np.isnan(column)
    failing, others = column[known & (data.labels == 1)], column[known & (data.labels == 0)]
    if not len(failing) or not len(others):
        return False
    return bool(failing.max() < others.min() or others.max() < failing.min())


def _numbers_rows(known: Values) -> bool:
    """Whether whole numbers rise from row to row, or are each there once without a gap."""
    if not np.array_equal(known, np.rint(known)):
        return False
    ordered = np.sort(known)
    return bool((np.diff(known) > 0).all() or (np.diff(ordered) == 1).all())

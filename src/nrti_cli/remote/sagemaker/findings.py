"""Warnings about data that make a model look better or worse than it is, one line each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from channel import Data, Values
    from splitting import Split

#: With fewer failures in the test rows, the metrics say little.
_FEW = 30
#: More columns than these are counted, not listed.
_NAMED = 3


def findings(data: Data, split: Split, units: int) -> list[str]:
    """A line for each property that needs attention.

    Args:
        data: all rows.
        split: how they were split.
        units: number of independent units of the test rows with failures.
    """
    found = [*_columns(data)]
    if split.optimistic:
        found.append(f"{split.optimistic}: the metrics are optimistic")
    if split.by == "time" and not data.timed and data.alike:
        found.append("neighbouring rows are nearly equal: they are assumed to be in time order")
    if units == 1:
        found.append("all failures of the test rows belong together: they do not predict the next one")
    failures = int(data.labels[split.test].sum())
    if failures < _FEW:
        found.append(f"the test rows have only {failures} failures: the intervals are wide")
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
    """Whether a value separates all failures from all other rows."""
    known = ~np.isnan(column)
    failing, others = column[known & (data.labels == 1)], column[known & (data.labels == 0)]
    if not len(failing) or not len(others):
        return False
    return bool(failing.max() < others.min() or others.max() < failing.min())


def _numbers_rows(known: Values) -> bool:
    """Whether integers increase from row to row, or each occurs exactly once without a gap."""
    if not np.array_equal(known, np.rint(known)):
        return False
    ordered = np.sort(known)
    return bool((np.diff(known) > 0).all() or (np.diff(ordered) == 1).all())

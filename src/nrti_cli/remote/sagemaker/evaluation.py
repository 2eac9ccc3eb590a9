"""Evaluates a model on its test rows, and the model in service on the same rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from incumbent import judged
from metrics import Scored, Units, difference, intervals

if TYPE_CHECKING:
    from pathlib import Path

    from channel import Data
    from splitting import Split


def evaluate(scored: Scored, whole: Data, split: Split, incumbent: Path | None) -> dict[str, Any]:
    """The content of evaluation.json.

    Args:
        scored: the model on the test rows.
        whole: all rows.
        split: how they were split.
        incumbent: the directory with the artifact in service, if there is one.
    """
    units = _units_of(whole, split)
    return {
        "confusion": scored.confusion,
        **scored.figures,
        "intervals": intervals(scored, units),
        "base_rate": scored.base_rate,
        "resampled": {"by": units.kind, "failures": units.holding(scored.labels == 1)},
        "rows": {"train": len(split.train), "validation": len(split.validation), "test": len(split.test)},
        "split": {"by": split.by, "gap": split.gap, "optimistic": split.optimistic},
        "incumbent": _beside(scored, whole.part(split.test), units, incumbent) if incumbent else None,
    }


def _units_of(whole: Data, split: Split) -> Units:
    """What is resampled for the intervals of the test rows."""
    if whole.groups is not None and (split.by == "group" or not whole.ordered):
        return Units.of_groups(whole.groups[split.test])
    count = len(split.test)
    return Units.of_blocks(count, whole.gap + 1) if whole.ordered else Units.of_rows(count)


def _beside(scored: Scored, test: Data, units: Units, incumbent: Path) -> dict[str, Any]:
    """The metrics of the model in service, or why there are none."""
    try:
        former = judged(incumbent, test)
    except Exception as error:  # noqa: BLE001 - the artifact may be anything, and the new model matters more
        return {"reason": f"the model in service cannot be evaluated on these rows: {error}"}
    return {
        "confusion": former.confusion,
        **former.figures,
        "intervals": intervals(former, units),
        "difference": difference(former, scored, units),
    }

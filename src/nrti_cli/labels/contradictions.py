"""Refuses intervals of one file that overlap and contradict each other."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from nrti_cli.labels.batch import Batch
from nrti_cli.labels.spans import Spans
from nrti_cli.tables.faults import fault, quoted


def refuse_contradictions(batch: Batch, place: Callable[[int], str]) -> None:
    """Refuses overlapping intervals of a sensor with different labels; a common end is no overlap.

    Args:
        batch: intervals.
        place: the place of a row, for messages.

    Raises:
        NrtiError: there are two; the message names both rows.
    """
    spans = Spans.of(batch)
    labels = batch.rows["label"].to_numpy()
    order = np.lexsort((-spans.ends, spans.starts, spans.sensors))
    ordered = spans.taken(order)
    for label in (0, 1):
        latest = ordered.latest_end(labels[order] == label)
        wrong = (labels[order] != label) & (latest > ordered.starts)
        if wrong.any():
            later = int(wrong.argmax())
            earlier = _partner(ordered, labels[order] == label, later, int(latest[later]))
            one, other = sorted((int(order[earlier]), int(order[later])))
            raise _refusal(batch, one, other, place)


def _partner(ordered: Spans, of_label: NDArray[np.bool_], row: int, end: int) -> int:
    """The row before this one that ends last."""
    fits = of_label[:row] & (ordered.ends[:row] == end) & (ordered.sensors[:row] == ordered.sensors[row])
    return int(np.flatnonzero(fits)[-1])


def _refusal(batch: Batch, one: int, other: int, place: Callable[[int], str]) -> Exception:
    first, second = (batch.rows.slice(row, 1).to_pylist()[0] for row in (one, other))
    at = max(first["start_time"], second["start_time"]).replace(tzinfo=UTC)
    problem = (
        f"label {second['label']} contradicts label {first['label']} of {place(one)}: both intervals of "
        f"{quoted(second['sensor'])} contain {_shown(at)}"
    )
    return fault(place(other), problem, "correct one of the rows")


def _shown(time: datetime) -> str:
    return time.isoformat(timespec="milliseconds" if time.microsecond else "seconds").replace("+00:00", "Z")

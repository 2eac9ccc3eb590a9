"""Finds labels that are already in force, so that recording the same file again changes nothing."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from nrti_cli.labels.batch import Batch
from nrti_cli.labels.spans import Numbers, running_maximum

_UNKNOWN = -1
_KEY = ["sensor", "start_time", "end_time"]


def in_force(batch: Batch, newest: pa.Table) -> NDArray[np.bool_]:
    """Whether each label is in force: recorded, and not contradicted since.

    Args:
        batch: labels, each about something else.
        newest: the newest label for each event or each sensor and time, with its `word`.
    """
    labels = batch.rows["label"].to_numpy()
    words = _words_of_events(batch, newest) if batch.form == "event" else _words_of_times(batch, newest)
    same: NDArray[np.bool_] = (words != _UNKNOWN) & (words % 2 == labels)
    if batch.form == "event" or not same.any():
        return same
    for label in (0, 1):
        candidates = np.flatnonzero(same & (labels == label))
        same[candidates] = ~_contradicted(batch, candidates, words, newest, 1 - label)
    return same


def _words_of_events(batch: Batch, newest: pa.Table) -> Numbers:
    places = pc.index_in(batch.rows["event_id"], value_set=newest["event_id"])
    return _filled(newest["word"].take(places))


def _words_of_times(batch: Batch, newest: pa.Table) -> Numbers:
    numbered = batch.rows.select(_KEY).append_column("number", pa.array(np.arange(len(batch))))
    return _filled(numbered.join(newest, _KEY).sort_by("number")["word"])


def _filled(words: pa.ChunkedArray[Any]) -> Numbers:
    # Filled before they become NumPy's, which has no missing integers and would take inexact floats.
    filled = pc.if_else(words.is_null(), pa.scalar(_UNKNOWN, pa.int64()), words)
    found: Numbers = cast("pa.ChunkedArray[Any]", filled).to_numpy()
    return found


def _contradicted(
    batch: Batch, rows: NDArray[np.intp], words: Numbers, newest: pa.Table, opposite: int
) -> NDArray[np.bool_]:
    """Whether labels overlap one with the opposite label, and one of those before their ends is newer.

    That one need not be the one that overlaps. Then the label is recorded once more, which changes nothing.
    """
    others = newest.filter(pa.array(newest["word"].to_numpy() % 2 == opposite))
    own = batch.rows.select(_KEY).take(rows)
    sensors = _codes(pa.concat_tables([others.select(["sensor"]), own.select(["sensor"])])["sensor"])
    is_own = np.arange(len(sensors)) >= others.num_rows
    # Those that begin before a label ends come before it.
    times = np.concatenate((_milliseconds(others["start_time"]), _milliseconds(own["end_time"])))
    order = np.lexsort((is_own, times, sensors))
    ends = np.concatenate((_milliseconds(others["end_time"]), np.full(len(rows), _UNKNOWN)))
    said = np.concatenate((others["word"].to_numpy(), np.full(len(rows), _UNKNOWN)))
    latest, newer = np.empty_like(ends), np.empty_like(said)
    latest[order] = running_maximum(sensors[order], ends[order])
    newer[order] = running_maximum(sensors[order], said[order])
    overlaps: NDArray[np.bool_] = latest[is_own] >= _milliseconds(own["start_time"])
    return overlaps & (newer[is_own] > words[rows])


def _codes(texts: pa.ChunkedArray[Any]) -> Numbers:
    return texts.combine_chunks().dictionary_encode().indices.to_numpy().astype(np.int64)


def _milliseconds(times: pa.ChunkedArray[Any]) -> Numbers:
    found: Numbers = times.cast(pa.int64()).to_numpy()
    return found

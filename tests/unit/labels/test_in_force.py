"""Which labels of a file are recorded: those that change something."""

from __future__ import annotations

import pyarrow as pa

from nrti_cli.labels.batch import Batch, batch
from nrti_cli.labels.in_force import in_force

_TIMES: pa.DataType = pa.timestamp("ms")


def word(recorded: int, label: int) -> int:
    """As in the lake: nanoseconds since 1970, which have more digits than a float."""
    return 2 * (1_795_000_000_000_000_000 + recorded) + label


def events(**labels: int) -> Batch:
    return batch("event", {"event_id": pa.array(list(labels))}, pa.array(list(labels.values())))


def spans(*rows: tuple[str, int, int, int]) -> Batch:
    sensors, starts, ends, labels = zip(*rows, strict=True)
    times = {"start_time": pa.array(starts, _TIMES), "end_time": pa.array(ends, _TIMES)}
    return batch("interval", {"sensor": pa.array(sensors), **times}, pa.array(labels))


def newest(*rows: tuple[str, int, int, int, int]) -> pa.Table:
    """What is recorded: sensor, start, end, label, and when."""
    schema = pa.schema(
        [("sensor", pa.string()), ("start_time", _TIMES), ("end_time", _TIMES), ("word", pa.int64())]
    )
    return pa.table(
        [
            pa.array([row[0] for row in rows]),
            pa.array([row[1] for row in rows], _TIMES),
            pa.array([row[2] for row in rows], _TIMES),
            pa.array([word(row[4], row[3]) for row in rows], pa.int64()),
        ],
        schema=schema,
    )


def test_an_event_whose_newest_label_says_the_same_is_left_out() -> None:
    known = pa.table({"event_id": ["a", "b"], "word": pa.array([word(7, 1), word(8, 0)])})

    assert in_force(events(b=1, a=1, c=0), known).tolist() == [False, True, False]


def test_nothing_is_in_force_in_an_empty_lake() -> None:
    known = pa.table({"event_id": pa.array([], pa.string()), "word": pa.array([], pa.int64())})

    assert in_force(events(a=1), known).tolist() == [False]
    assert in_force(spans(("r", 1, 2, 1)), newest()).tolist() == [False]


def test_an_interval_that_was_contradicted_since_is_not_in_force() -> None:
    given = spans(("r", 10, 20, 1), ("r", 30, 40, 1), ("s", 10, 20, 1))
    recorded = [("r", 10, 20, 1, 5), ("r", 30, 40, 1, 5), ("s", 10, 20, 1, 5)]

    assert in_force(given, newest(*recorded)).tolist() == [True, True, True]
    assert in_force(given, newest(*recorded, ("r", 15, 16, 0, 6))).tolist() == [False, True, True]
    assert in_force(given, newest(*recorded, ("r", 15, 16, 0, 4))).tolist() == [True, True, True]
    assert in_force(given, newest(*recorded, ("r", 15, 35, 1, 6))).tolist() == [True, True, True]


def test_of_labels_for_the_same_only_the_last_counts() -> None:
    given = batch("event", {"event_id": pa.array(["a", "b", "a"])}, pa.array([0, 1, 1]))

    assert given.last_words().rows.select(["event_id", "label"]).to_pylist() == [
        {"event_id": "b", "label": 1},
        {"event_id": "a", "label": 1},
    ]

"""What the columns of a table are: fields of an event, the label, and the values of the sequence."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

#: Columns that are fields of an event. They are values only where they are named as such.
FIELDS = {
    "sensor": "sensor",
    "model": "model",
    "timestamp": "timestamp",
    "id": "event_id",
    "event_id": "event_id",
}
#: The label of training data; it is what the model is there to say, so it is neither a value nor sent.
LABEL = "event"


def value_columns(names: Sequence[str], label: str = LABEL, excluded: Iterable[str] = ()) -> list[str]:
    """The columns that hold the values of the sequence, in the order of the table."""
    others = {*FIELDS, label, *excluded}
    return [name for name in names if name not in others]

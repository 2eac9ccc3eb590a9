"""How the rows of a file become a model's inputs: which columns, in which order and shape."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal, get_args

#: The label of training data, unless another column is named.
LABEL = "event"

Missing = Literal["refuse", "drop", "ffill", "keep"]
WindowLabel = Literal["any", "last", "majority"]


@dataclass(frozen=True)
class Schema:
    """What a model was trained on, or what the user says of a file.

    Attributes:
        features: the columns with the values in order, the channels of a window; nothing if that is not
            settled: then they are all columns that are nothing else.
        exclude: columns that are no values.
        label: the column with the label.
        positive: the labels that mean a failure; nothing for the usual pairs.
        group: the column that says which rows belong to one sensor, engine, …
        time: the column with the time.
        time_format: of the time, as `strptime` has it; None for ISO 8601 and epoch times.
        missing: what becomes of rows that lack a value.
        window: rows in a sequence; None if each row is one.
        hop: rows from the beginning of one window to that of the next.
        max_gap: seconds that may lie between two rows of a window; None for three times the usual step.
        window_label: which rows of a window say whether it is a failure.
    """

    features: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    label: str = LABEL
    positive: tuple[str, ...] = ()
    group: str | None = None
    time: str | None = None
    time_format: str | None = None
    missing: Missing = "refuse"
    window: int | None = None
    hop: int | None = None
    max_gap: float | None = None
    window_label: WindowLabel = "any"

    @property
    def length(self) -> int:
        """How many numbers a sequence has, if no column holds lists."""
        return len(self.features) * (self.window or 1)

    def document(self) -> dict[str, Any]:
        """As JSON, without what is not said."""
        return {name: value for name, value in asdict(self).items() if value not in ((), None)}

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Schema:
        """From JSON; what else it says is left alone.

        Raises:
            ValueError: a value is of another type.
        """
        known = {field.name: field.type for field in fields(cls)}
        given = {name: document[name] for name in known if name in document}
        for name, value in given.items():
            if isinstance(value, list):
                given[name] = tuple(map(str, value))
        schema = cls(**given)
        if not schema._is_sound():
            raise ValueError(f"the inputs {document!r} cannot be understood")
        return schema

    def _is_sound(self) -> bool:
        numbers = (self.window, self.hop)
        texts = (self.group, self.time, self.time_format)
        return (
            isinstance(self.features, tuple)
            and all(value is None or (isinstance(value, int) and value > 0) for value in numbers)
            and all(value is None or isinstance(value, str) for value in texts)
            and isinstance(self.label, str)
            and self.missing in get_args(Missing)
        )

"""How the rows of a file become a model's inputs: the columns, their order and shape."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal, get_args

#: The default label column of training data.
LABEL = "event"

Missing = Literal["refuse", "drop", "ffill", "keep"]
WindowLabel = Literal["any", "last", "majority"]


@dataclass(frozen=True)
class Schema:
    """The schema of a model's training data, or what the user specifies about a file.

    Attributes:
        features: the columns with the values in order, the channels of a window; empty for all columns
            without another role.
        exclude: columns to ignore.
        label: the label column.
        positive: the labels that mean a failure; empty for the usual pairs.
        group: the column with the sensor, engine, …
        time: the time column.
        time_format: a format for `strptime`; None for ISO 8601 and epoch times.
        missing: the policy for missing values.
        window: rows in a sequence; None if each row is one.
        hop: rows between the starts of two windows.
        max_gap: longest pause within a window in seconds; None for three times the usual step.
        window_label: how the label of a window is derived from its rows.
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
        """The length of a sequence, if no column contains lists."""
        return len(self.features) * (self.window or 1)

    @property
    def span(self) -> int:
        """How many windows further one begins so that a whole one lies between; 1 without windows."""
        return -(-2 * self.window // (self.hop or self.window)) if self.window else 1

    def document(self) -> dict[str, Any]:
        """As JSON, without unset fields."""
        return {name: value for name, value in asdict(self).items() if value not in ((), None)}

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Schema:
        """From JSON; unknown fields are ignored.

        Raises:
            ValueError: a value has a wrong type.
        """
        known = {field.name: field.type for field in fields(cls)}
        given = {name: document[name] for name in known if name in document}
        for name, value in given.items():
            if isinstance(value, list):
                given[name] = tuple(map(str, value))
        schema = cls(**given)
        if not schema._is_sound():
            raise ValueError(f"the inputs {document!r} are not valid")
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

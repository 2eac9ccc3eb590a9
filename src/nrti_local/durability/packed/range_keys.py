"""Range keys in DynamoDB's order: numbers by their value, binary data by its bytes, strings by their UTF-8.

ministack sorts the keys of a partition as texts, which is right for strings alone.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import partial
from typing import Any

#: What the text of a range key stands for, by the type of its attribute.
_READ: dict[str, Callable[[str], Any]] = {"N": Decimal, "B": base64.b64decode}


class RangeKey(str):
    """A range key as it is in JSON, which compares by what it stands for.

    Args:
        text: a number or data in base64.
        read: returns what a text stands for.
    """

    __slots__ = ("read", "value")
    read: Callable[[str], Any]
    value: Any

    def __new__(cls, text: str, read: Callable[[str], Any]) -> RangeKey:
        """Makes the key of a text."""
        made = super().__new__(cls, text)
        made.read, made.value = read, read(text)
        return made

    def _of(self, other: str) -> Any:
        return other.value if isinstance(other, RangeKey) else self.read(other)

    def __lt__(self, other: str) -> bool:
        """Whether the key comes before another one."""
        return bool(self.value < self._of(other))

    def __le__(self, other: str) -> bool:
        """Whether the key comes before another one or is the same."""
        return bool(self.value <= self._of(other))

    def __gt__(self, other: str) -> bool:
        """Whether the key comes after another one."""
        return bool(self.value > self._of(other))

    def __ge__(self, other: str) -> bool:
        """Whether the key comes after another one or is the same."""
        return bool(self.value >= self._of(other))


def maker(table: Mapping[str, Any] | None) -> Callable[[str], RangeKey] | None:
    """Returns what makes the range keys of a table; None if their texts sort right, or there are none."""
    if table is None or not table.get("sk_name"):
        return None
    types = {each["AttributeName"]: each["AttributeType"] for each in table["AttributeDefinitions"]}
    read = _READ.get(types.get(table["sk_name"], "S"))
    return partial(RangeKey, read=read) if read else None

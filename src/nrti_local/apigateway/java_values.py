"""The values that mapping templates work with: Python's, with the truth and the text of Java's.

Velocity takes only null and false for false, so zero and an empty text are true. API Gateway takes a
reference to nothing, and JSON's null, for an empty text. airspeed finds a value's methods by its `__class__`.
"""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any

#: The exponents of numbers that Java writes without one.
_PLAIN = range(-3, 7)
#: Characters that json-smart, the library behind JsonPath, writes by their codes.
_ESCAPED = re.compile("[\x7f-\x9f\u2000-\u20ff]")
#: What templates call on a map; any other name is that of a member.
_METHODS = {"containsKey", "get", "isEmpty", "keySet", "put", "putAll", "size", "toString", "values"}


class _True:
    """What is true, whatever it holds."""

    def __bool__(self) -> bool:
        return True


class Text(_True, str):
    """A text."""

    __class__ = str  # type: ignore[assignment]


class Absent(Text):
    """What a reference to nothing is: an empty text, all members of which are nothing, too."""

    def __getitem__(self, _: Any) -> Absent:
        return self

    def __call__(self, *_: Any) -> Absent:
        """Nothing, of which any member can be called as a method."""
        return self


_ABSENT = Absent()


class Integer(_True, int):
    """An integer."""


class Double(_True, float):
    """A floating-point number."""

    def __str__(self) -> str:
        value = Decimal(repr(float(self)))
        if not value.is_finite():
            return str(value)
        if not value or value.adjusted() in _PLAIN:
            plain = format(value, "f")
            return plain if "." in plain else f"{plain}.0"
        digits = format(value.scaleb(-value.adjusted()).normalize(), "f")
        if "." not in digits:  # instead of a single digit Java writes the two that are nearest
            digits = f"{float(self):.1e}".partition("e")[0]
        return f"{digits}E{value.adjusted()}"


class Array(_True, list[Any]):
    """A list, whose text is JSON."""

    __class__ = list  # type: ignore[assignment]

    def __str__(self) -> str:
        return _json(self)


class Object(_True, dict[str, Any]):
    """A map, in which a member comes before a method of the same name."""

    __class__ = dict  # type: ignore[assignment]

    def __str__(self) -> str:
        return f"{{{', '.join(f'{name}={shown(value)}' for name, value in self.items())}}}"

    def __missing__(self, name: str) -> Absent:
        if name in _METHODS:
            raise KeyError(name)
        return _ABSENT

    def containsKey(self, name: str) -> bool:  # noqa: N802
        """Whether the map has a member."""
        return name in self

    def isEmpty(self) -> bool:  # noqa: N802
        """Whether the map has no members."""
        return len(self) == 0

    def size(self) -> Integer:
        """Counts the members."""
        return Integer(len(self))


def java(value: Any) -> Any:
    """Returns the value for one of JSON; what is in maps and lists, too."""
    if isinstance(value, dict):
        return Object({name: java(each) for name, each in value.items()})
    if isinstance(value, list):
        return Array(map(java, value))
    if isinstance(value, str):
        return Text(value)
    if isinstance(value, float):
        return Double(value)
    if value is None:
        return _ABSENT
    return value if isinstance(value, bool) else Integer(value)


def shown(value: Any) -> str:
    """Returns the text of a value, which for nothing is that of Java's null."""
    if value is _ABSENT:
        return "null"
    return str(value).lower() if isinstance(value, bool) else str(value)


def escaped(text: str) -> str:
    """Returns JSON with the escapes that Java's writer adds."""
    return _ESCAPED.sub(lambda found: f"\\u{ord(found[0]):04X}", text)


def _json(value: Any) -> str:
    if isinstance(value, dict):
        return f"{{{','.join(f'{_json(name)}:{_json(each)}' for name, each in value.items())}}}"
    if isinstance(value, list):
        return f"[{','.join(map(_json, value))}]"
    if isinstance(value, str) and value is not _ABSENT:
        return escaped(json.dumps(value, ensure_ascii=False)).replace("/", "\\/")
    return shown(value)

"""The functions of expressions, from their arguments to a value; a missing argument makes a missing value."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import Any

from nrti_local.cloudwatch.insights.values import Timestamp, number, text


@dataclass(frozen=True)
class Function:
    """A function.

    Attributes:
        least: of its arguments.
        most: of its arguments.
        compute: its value.
        takes: how an argument is passed; one that this makes None is missing.
        missing: whether it is asked for missing arguments, too.
    """

    least: int
    most: int
    compute: Callable[..., Any]
    takes: Callable[[Any], Any] = text
    missing: bool = False

    def __call__(self, arguments: list[Any]) -> Any:
        """The value for these arguments."""
        if self.missing:
            return self.compute(*arguments)
        passed = [None if each is None else self.takes(each) for each in arguments]
        try:
            return None if None in passed else self.compute(*passed)
        except (ArithmeticError, ValueError):
            return None


_MANY = 100


def _address(version: int | None) -> Callable[[str], bool]:
    def valid(address: str) -> bool:
        try:
            found = ip_address(address)
        except ValueError:
            return False
        return version in {None, found.version}

    return valid


def _subnet(version: int | None) -> Callable[[str, str], bool]:
    valid = _address(version)
    return lambda address, net: valid(address) and ip_address(address) in ip_network(net, strict=False)


def _ltrim(value: str, ends: str | None = None) -> str:
    return value.lstrip() if ends is None else value.removeprefix(ends)


def _rtrim(value: str, ends: str | None = None) -> str:
    return value.rstrip() if ends is None else value.removesuffix(ends)


def _substr(value: str, start: str, length: str | None = None) -> str:
    first = int(float(start))
    return value[first:] if length is None else value[first : first + int(float(length))]


FUNCTIONS: Mapping[str, Function] = {
    "abs": Function(1, 1, abs, number),
    "ceil": Function(1, 1, math.ceil, number),
    "floor": Function(1, 1, math.floor, number),
    "greatest": Function(1, _MANY, max, number),
    "least": Function(1, _MANY, min, number),
    "log": Function(1, 1, math.log, number),
    "sqrt": Function(1, 1, math.sqrt, number),
    "ispresent": Function(1, 1, lambda value: value is not None, missing=True),
    "coalesce": Function(
        1, _MANY, lambda *values: next((v for v in values if v is not None), None), missing=True
    ),
    "isempty": Function(1, 1, lambda value: value is None or text(value) == "", missing=True),
    "isblank": Function(1, 1, lambda value: value is None or not text(value).strip(), missing=True),
    "concat": Function(1, _MANY, lambda *values: "".join(values)),
    "ltrim": Function(1, 2, _ltrim),
    "rtrim": Function(1, 2, _rtrim),
    "trim": Function(1, 2, lambda value, ends=None: _rtrim(_ltrim(value, ends), ends)),
    "strlen": Function(1, 1, len),
    "toupper": Function(1, 1, str.upper),
    "tolower": Function(1, 1, str.lower),
    "substr": Function(2, 3, _substr),
    "replace": Function(3, 3, str.replace),
    "strcontains": Function(2, 2, lambda value, part: part in value),
    "frommillis": Function(1, 1, lambda value: Timestamp(int(value)), number),
    "tomillis": Function(1, 1, int, number),
    "isvalidip": Function(1, 1, _address(None)),
    "isvalidipv4": Function(1, 1, _address(4)),
    "isvalidipv6": Function(1, 1, _address(6)),
    "isipinsubnet": Function(2, 2, _subnet(None)),
    "isipv4insubnet": Function(2, 2, _subnet(4)),
    "isipv6insubnet": Function(2, 2, _subnet(6)),
}

"""Trino's signatures of functions, such as `slice(array(T), bigint, bigint) -> array(T)`.

A capital letter is any type, but I is an integer, N a number, and F real or double. A small letter is a
number, such as a precision. `function(T, boolean)` is a lambda expression.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from nrti_local.athena.trino.types import INTEGERS, WIDEST_DECIMAL, Type, as_decimal, common, converts

_PIECE = re.compile(r"\s*([(),]|[^(),]+)")
#: Types whose parameters are numbers.
_NUMBERED = ("varchar", "char", "decimal", "timestamp", "time", "timestamp with time zone")
#: What a variable has been found to stand for.
Found = dict[str, Type | int]


@dataclass(frozen=True)
class Signature:
    """What a function takes and returns.

    Attributes:
        names: the function's name and its aliases.
        parameters: the types, with variables.
        variadic: whether the last parameter may come any number of times.
        result: the type of the result, with variables.
    """

    names: tuple[str, ...]
    parameters: tuple[Type, ...]
    variadic: bool
    result: Type

    def takes(self, count: int) -> tuple[Type, ...] | None:
        """Returns the parameters for a number of arguments, or None if that number is wrong."""
        fixed = len(self.parameters)
        if count == fixed:
            return self.parameters
        if self.variadic and count > fixed:
            return self.parameters + self.parameters[-1:] * (count - fixed)
        return None


def parse_signature(text: str) -> Signature:
    """Reads `name, alias(type, type, ...) -> type`."""
    names, _, rest = text.partition("(")
    inside, _, result = rest.rpartition(") -> ")
    variadic = inside.endswith("...")
    parameters = _types(inside.removesuffix("...").rstrip(", "))
    return Signature(
        tuple(name.strip() for name in names.split("|")), parameters, variadic, parse_type(result)
    )


def parse_type(text: str) -> Type:
    """Reads a type, which may have variables."""
    return _types(text)[0]


def _types(text: str) -> tuple[Type, ...]:
    pieces = _PIECE.findall(text)
    return tuple(_read(pieces)) if pieces else ()


def _read(pieces: list[str]) -> list[Type]:
    """Reads types up to a closing parenthesis, which it takes off."""
    found: list[Type] = []
    while pieces and (piece := pieces.pop(0)) != ")":
        if piece == "," or not piece.strip():
            continue
        if piece == "(":
            inner = _read(pieces)
            suffix = (
                pieces.pop(0).strip() if pieces and pieces[0].strip().startswith("with time zone") else ""
            )
            found[-1] = _with_parameters(f"{found[-1].name} {suffix}".strip(), inner)
        else:
            found.append(Type(piece.strip()))
    return found


def _with_parameters(name: str, inner: list[Type]) -> Type:
    if name in _NUMBERED:
        return Type(name, tuple(int(each.name) if each.name.isdigit() else each.name for each in inner))
    return Type(name, tuple(inner), ("",) * len(inner) if name == "row" else ())


def binds(pattern: Type, actual: Type, found: Found, *, exactly: bool) -> bool:
    """Whether an argument fits a parameter; notes in `found` what the variables stand for.

    Args:
        pattern: the parameter's type.
        actual: the argument's type.
        found: the variables so far.
        exactly: whether Trino must not convert the argument.
    """
    if _is_variable(pattern):
        return _binds_variable(pattern.name, actual, found, exactly=exactly)
    if actual.name == "unknown" and pattern.name != "unknown":
        found.update({each: 3 for each in pattern.parameters if isinstance(each, str) and each not in found})
        return not exactly and all(binds(inner, actual, found, exactly=False) for inner in pattern.inner)
    if pattern.name in _NUMBERED and pattern.parameters:
        return _binds_numbers(pattern, actual, found, exactly=exactly)
    if pattern.inner:
        return (
            pattern.name == actual.name
            and len(pattern.inner) == len(actual.inner)
            and all(
                binds(p, a, found, exactly=exactly) for p, a in zip(pattern.inner, actual.inner, strict=True)
            )
        )
    if pattern.name == actual.name:
        return True
    return not exactly and (
        converts(actual, pattern) or (pattern.name == "varchar" and actual.name == "char")
    )


def _is_variable(pattern: Type) -> bool:
    return len(pattern.name) == 1 and pattern.name.isupper()


def _binds_variable(name: str, actual: Type, found: Found, *, exactly: bool) -> bool:
    allowed = {
        "I": actual.name in INTEGERS,
        "N": actual.is_number,
        "F": actual.is_float,
    }.get(name, True)
    before = found.get(name)
    if not isinstance(before, Type):
        found[name] = actual
        return allowed or actual.name == "unknown"
    both = common(before, actual)
    if both is None or (exactly and (both != before or both != actual)):
        return False
    found[name] = both
    return True


def _binds_numbers(pattern: Type, actual: Type, found: Found, *, exactly: bool) -> bool:
    if pattern.name == "decimal" and actual.name in INTEGERS and not exactly:
        actual = as_decimal(actual)
    if pattern.name != actual.name:
        wider = (
            common(Type(pattern.name, (0,)), actual) if not exactly and pattern.name != "decimal" else None
        )
        if wider is None or wider.name != pattern.name:
            return False
        actual = wider
    if len(actual.numbers) != len(pattern.parameters):
        return False
    return all(
        _binds_number(each, number, found, exactly=exactly)
        for each, number in zip(pattern.parameters, actual.numbers, strict=True)
    )


def _binds_number(pattern: Type | int | str, number: int, found: Found, *, exactly: bool) -> bool:
    if isinstance(pattern, int):
        return number == pattern if exactly else number <= pattern
    name = str(pattern)
    before = found.get(name, number)
    found[name] = max(int(str(before)), number)
    return not exactly or before == number


def substitute(pattern: Type, found: Found, zone: str | None = "UTC") -> Type:
    """Returns a type without variables.

    Args:
        pattern: the type.
        found: what the variables stand for.
        zone: of timestamps with time zone that no variable stands for.
    """
    if _is_variable(pattern):
        known = found[pattern.name]
        assert isinstance(known, Type)  # noqa: S101 (a capital letter)
        return known
    parameters = tuple(
        substitute(each, found, zone) if isinstance(each, Type) else _number(each, found)
        for each in pattern.parameters
    )
    return Type(pattern.name, parameters, pattern.fields, zone)


def _number(pattern: int | str, found: Found) -> int:
    """Returns the number for `p`, `5` or `p-s+1`; no precision exceeds 38."""
    total = 0
    for sign, name in re.findall(r"([+-]?)\s*(\w+)", str(pattern)):
        number = int(name) if name.isdigit() else int(str(found[name]))
        total += -number if sign == "-" else number
    return min(total, WIDEST_DECIMAL)

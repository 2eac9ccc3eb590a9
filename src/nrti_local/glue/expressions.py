"""The expressions by which Glue's GetPartitions selects partitions: conditions of SQL on the partition keys.

A literal is compared as a value of its key's type, with or without quotes.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

#: Whether a partition is selected, from the values of its keys by name; None if that is unknown.
Condition = Callable[[Mapping[str, Any]], bool | None]
#: What Hive writes for NULL in the values of partitions.
_NULL = "__HIVE_DEFAULT_PARTITION__"
_INTEGERS = ("int", "bigint", "long", "tinyint", "smallint")
_COMPARISONS: dict[type[exp.Expr], Callable[[Any, Any], bool]] = {
    exp.EQ: operator.eq, exp.NEQ: operator.ne, exp.LT: operator.lt, exp.LTE: operator.le,
    exp.GT: operator.gt, exp.GTE: operator.ge,
}  # fmt: skip


class ExpressionError(ValueError):
    """An expression is refused; the text says why."""


class Keys:
    """The partition keys of a table.

    Args:
        kinds: the names of their types by the keys' names, in order.
    """

    def __init__(self, kinds: Mapping[str, str]) -> None:
        self._kinds = {name.lower(): kind.lower() for name, kind in kinds.items()}

    def values(self, texts: Sequence[str]) -> dict[str, Any]:
        """Returns the values of a partition by the keys' names; NULL is None."""
        pairs = zip(self._kinds, texts, strict=True)
        return {name: None if text == _NULL else self.value(name, text) for name, text in pairs}

    def value(self, name: str, text: str) -> Any:
        """Returns a text as a value of a key's type.

        Raises:
            ExpressionError: it is none.
        """
        kind, what = _kind(self._kinds[name])
        try:
            return kind(text)
        except (ValueError, InvalidOperation) as error:
            raise ExpressionError(f"{text} is not {what}") from error

    def name(self, node: exp.Expr) -> str:
        """Returns the key that a column of an expression means.

        Raises:
            ExpressionError: there is none, or Glue does not compare values of its type.
        """
        name = node.name.lower()
        if name not in self._kinds:
            raise ExpressionError("Invalid partition expression!")
        _kind(self._kinds[name])
        return name

    def check_like(self, name: str) -> None:
        """Checks that values of a key can be compared with a pattern.

        Raises:
            ExpressionError: they cannot.
        """
        kind = self._kinds[name]
        if kind in _INTEGERS or kind.startswith("decimal"):
            what = "Integral" if kind in _INTEGERS else "Decimal"
            raise ExpressionError(f"{what} data type doesn't support operation 'LIKE'")


def _kind(name: str) -> tuple[Callable[[str], Any], str]:
    if name in _INTEGERS:
        return int, "an integer"
    if name.startswith("decimal"):
        return Decimal, "a decimal"
    kinds: dict[str, tuple[Callable[[str], Any], str]] = {
        "string": (str, ""),
        "date": (date.fromisoformat, "a date"),
        "timestamp": (datetime.fromisoformat, "a timestamp"),
    }
    if name not in kinds:
        raise ExpressionError(f"Unknown type : '{name}'")
    return kinds[name]


def read(expression: str, keys: Keys) -> Condition:
    """Returns the condition that an expression states.

    Raises:
        ExpressionError: it is wrong, or names a key that does not exist.
    """
    try:
        tree = sqlglot.parse_one(expression, read="trino")
    except SqlglotError as error:
        raise ExpressionError(f"Unsupported expression '{expression}'") from error
    return _condition(tree, keys, expression)


def _condition(node: exp.Expr, keys: Keys, expression: str) -> Condition:
    node = node.unnest()
    if isinstance(node, exp.And | exp.Or):
        sides = [_condition(side, keys, expression) for side in (node.left, node.right)]
        return _joined(sides, decisive=isinstance(node, exp.Or))
    if isinstance(node, exp.Not):
        return _negated(_condition(node.this, keys, expression))
    column = node.this.unnest() if isinstance(node, exp.Binary | exp.In | exp.Between) else None
    if not isinstance(column, exp.Column):
        raise ExpressionError(f"Unsupported expression '{expression}'")
    name = keys.name(column)
    if isinstance(node, exp.Is) and isinstance(node.expression, exp.Null):
        return lambda values: values[name] is None
    test = _test(node, keys, name, expression)
    return lambda values: None if values[name] is None else test(values[name])


def _test(node: exp.Expr, keys: Keys, name: str, expression: str) -> Callable[[Any], bool]:
    """What an expression says of one key's value."""

    def value(literal: exp.Expr) -> Any:
        return keys.value(name, _text(literal, expression))

    if type(node) in _COMPARISONS and isinstance(node, exp.Binary):
        compare, other = _COMPARISONS[type(node)], value(node.expression)
        return lambda found: compare(found, other)
    if isinstance(node, exp.In) and node.expressions:
        listed = [value(each) for each in node.expressions]
        return lambda found: found in listed
    if isinstance(node, exp.Between):
        low, high = value(node.args["low"]), value(node.args["high"])
        return lambda found: bool(low <= found <= high)
    if isinstance(node, exp.Like):
        keys.check_like(name)
        pattern = _pattern(_text(node.expression, expression))
        negated = bool(node.args.get("negate"))
        return lambda found: (pattern.fullmatch(str(found)) is not None) != negated
    raise ExpressionError(f"Unsupported expression '{expression}'")


def _text(node: exp.Expr, expression: str) -> str:
    node = node.unnest()
    if isinstance(node, exp.Neg) and isinstance(node.this, exp.Literal):
        return f"-{node.this.name}"
    if not isinstance(node, exp.Literal):
        raise ExpressionError(f"Unsupported expression '{expression}'")
    return str(node.name)


def _pattern(like: str) -> re.Pattern[str]:
    wild = {"%": ".*", "_": "."}
    return re.compile("".join(wild.get(each, re.escape(each)) for each in like), re.DOTALL)


def _joined(sides: list[Condition], *, decisive: bool) -> Condition:
    """AND or OR; `decisive` is what one side alone decides."""

    def joined(values: Mapping[str, Any]) -> bool | None:
        found = [side(values) for side in sides]
        if decisive in found:
            return decisive
        return None if None in found else not decisive

    return joined


def _negated(inner: Condition) -> Condition:
    def negated(values: Mapping[str, Any]) -> bool | None:
        found = inner(values)
        return None if found is None else not found

    return negated

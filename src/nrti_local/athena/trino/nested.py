"""Comparisons of arrays, rows and maps, and the equality of floating-point numbers.

In Trino NaN equals nothing, and NULL in a value makes its equality unknown and its order an error. In DuckDB
NaN and NULL in a value equal themselves, and maps have an order.
"""

from __future__ import annotations

from nrti_local.athena.trino.types import Type, quoted

#: What `trino_order` makes an error of: NULL in an array, and in a row.
_NULLS = {"array": 2, "row": 3}


def equal(one: str, other: str, kind: Type, depth: int = 0) -> str:
    """Returns DuckDB's text for the equality of two values.

    Args:
        one: DuckDB's text of a value.
        other: that of the other one.
        kind: the type of both.
        depth: of the value inside others, which names the variables of lambda expressions.
    """
    if kind.is_float:
        return f"({one} = {other} AND NOT (ISNAN({one}) AND ISNAN({other})))"
    if kind.name not in ("array", "row", "map"):
        return f"({one} = {other})"
    parts = {"array": _array, "row": _row, "map": _map}[kind.name](one, other, kind, depth)
    return f"CASE WHEN {one} IS NULL OR {other} IS NULL THEN NULL {parts} END"


def _array(one: str, other: str, kind: Type, depth: int) -> str:
    pair = f"e{depth}"
    same = equal(f"{pair}[1]", f"{pair}[2]", kind.inner[0], depth + 1)
    every = f"trino_all(LIST_TRANSFORM(LIST_ZIP({one}, {other}), LAMBDA {pair} : {same}))"
    return f"WHEN LEN({one}) <> LEN({other}) THEN false ELSE {every}"


def _row(one: str, other: str, kind: Type, depth: int) -> str:
    fields = zip(map(quoted, kind.field_names), kind.inner, strict=True)
    same = (equal(f"({one}).{name}", f"({other}).{name}", inner, depth + 1) for name, inner in fields)
    return f"ELSE ({' AND '.join(same)})"


def _map(one: str, other: str, kind: Type, depth: int) -> str:
    key = f"e{depth}"
    same = equal(f"({one})[{key}]", f"({other})[{key}]", kind.inner[1], depth + 1)
    each = f"CASE WHEN MAP_CONTAINS({other}, {key}) THEN {same} ELSE false END"
    every = f"trino_all(LIST_TRANSFORM(MAP_KEYS({one}), LAMBDA {key} : {each}))"
    return f"WHEN CARDINALITY({one}) <> CARDINALITY({other}) THEN false ELSE {every}"


def ordered(one: str, sign: str, other: str, kind: Type) -> str:
    """Returns DuckDB's text for `<`, `<=`, `>` or `>=` of two arrays or rows."""
    order = f"trino_order({_order(one, other, kind, 0)}) {sign} 0"
    return f"(CASE WHEN {one} IS NULL OR {other} IS NULL THEN NULL ELSE {order} END)"


def _order(one: str, other: str, kind: Type, depth: int) -> str:
    """Returns DuckDB's text for -1, 0 or 1, or for the number of an error if NULL is found first."""
    if kind.name == "array":
        pair = f"e{depth}"
        element = _order_inside(f"{pair}[1]", f"{pair}[2]", kind, kind.inner[0], depth)
        each = f"LIST_TRANSFORM(LIST_ZIP({one}, {other}, true), LAMBDA {pair} : {element})"
        return f"COALESCE(trino_first_mark({each}), SIGN(LEN({one}) - LEN({other})))"
    if kind.name == "row":
        fields = zip(map(quoted, kind.field_names), kind.inner, strict=True)
        each = ", ".join(
            f"NULLIF({_order_inside(f'({one}).{name}', f'({other}).{name}', kind, inner, depth)}, 0)"
            for name, inner in fields
        )
        return f"COALESCE({each}, 0)"
    return f"CASE WHEN {one} < {other} THEN -1 WHEN {one} = {other} THEN 0 ELSE 1 END"


def _order_inside(one: str, other: str, outer: Type, kind: Type, depth: int) -> str:
    order = _order(one, other, kind, depth + 1)
    return f"CASE WHEN {one} IS NULL OR {other} IS NULL THEN {_NULLS[outer.name]} ELSE {order} END"


def is_orderable(kind: Type) -> bool:
    """Whether values of a type have an order in Trino."""
    return kind.name not in ("map", "json") and all(map(is_orderable, kind.inner))

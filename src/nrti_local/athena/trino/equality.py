"""Whether two values are equal: NaN equals nothing, and NULL in an array, a row or a map makes it unknown.

DuckDB compares otherwise: its NaN equals itself, its NULL in a value too, and its maps have an order.
"""

from __future__ import annotations

from nrti_local.athena.trino.types import Type, quoted


def equal(one: str, other: str, kind: Type, depth: int = 0) -> str:
    """Returns DuckDB's text for the equality of two values.

    Args:
        one: DuckDB's text of a value.
        other: that of the other one.
        kind: the type of both.
        depth: of the value inside others, which names the variables of lambda expressions.
    """
    if kind.is_float:
        return f"({one} = {other} AND NOT ISNAN({one}))"
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

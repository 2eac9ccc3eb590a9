# ruff: noqa: S608 (SQL is what this module writes, from expressions that were translated before)
"""UNNEST of arrays and maps, alone and in joins.

A join becomes a SELECT that has the columns on the left and the elements. DuckDB would execute the same as
LATERAL by joining the left side with its distinct arrays, which takes ten times as long.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from sqlglot import exp

from nrti_local.athena.trino.dispatch import translate
from nrti_local.athena.trino.naming import aliased, named, numbered
from nrti_local.athena.trino.refusals import RefusalError, mismatch
from nrti_local.athena.trino.scope import Relation, Scope, Value
from nrti_local.athena.trino.types import BIGINT, Type


@dataclass(frozen=True)
class _Elements:
    """What an UNNEST returns.

    Attributes:
        lists: DuckDB's texts of lists of the same rows; shorter ones are filled with NULL.
        texts: DuckDB's texts of the columns, of the elements `u0`, `u1`, ….
        columns: the names and types.
    """

    lists: list[str]
    texts: list[str]
    columns: list[tuple[str, Type]]

    def unnested(self, *, outer: bool = False) -> str:
        """Returns the elements as DuckDB selects them; with `outer`, a row of NULL if there are none."""
        lists = self.lists
        if outer:
            longest = f"COALESCE(GREATEST({', '.join(f'LEN({each})' for each in lists)}), 0)"
            lists = [f"CASE WHEN {longest} = 0 THEN [NULL] ELSE {each} END" for each in lists]
        return ", ".join(f"UNNEST({each}) AS u{index}" for index, each in enumerate(lists))


def alone(node: exp.Unnest, scope: Scope) -> str:
    """Translates an UNNEST that is in no join, or within parentheses."""
    elements = _elements(node, scope)
    sql = f"SELECT {', '.join(elements.texts)} FROM (SELECT {elements.unnested()})"
    return "LATERAL " + named(Relation(sql, elements.columns), node, scope)


def joins(join: exp.Join) -> bool:
    """Whether a join is one with an UNNEST that can use the columns on its left.

    Raises:
        RefusalError: an UNNEST is joined by a condition.
    """
    if not isinstance(join.this, exp.Unnest):
        return False
    side = str(join.args.get("side") or "").upper()
    _check_condition(join, side or "INNER")
    return side in ("", "LEFT")


def joined(left: str, join: exp.Join, scope: Scope) -> str:
    """Translates a join with UNNEST.

    Args:
        left: DuckDB's text of the relations on the left.
        join: the join.
        scope: has their columns, and gets those of the elements.
    """
    outer = bool(join.args.get("side"))
    elements, own = _elements(join.this, scope), scope.statement.unique("s")
    kept = [f"{column.value.sql} AS c{index}" for index, column in enumerate(scope.columns)]
    inner = f"SELECT {', '.join([*kept, elements.unnested(outer=outer)])} FROM {left}"
    count = len(kept) + len(elements.texts)
    texts = ", ".join(filter(None, [numbered(len(kept)), *elements.texts]))
    scope.columns = [
        replace(column, value=replace(column.value, sql=f"{own}.c{index}"))
        for index, column in enumerate(scope.columns)
    ]
    scope.columns += aliased(Relation("", elements.columns), join.this, own, first=len(kept))
    return f"(SELECT {texts} FROM ({inner})) AS {own}({numbered(count)})"


def _check_condition(join: exp.Join, kind: str) -> None:
    condition = join.args.get("on")
    if condition is None and not join.args.get("using"):
        if kind != "INNER" or str(join.args.get("kind") or "").upper() == "INNER":
            raise RefusalError("SYNTAX_ERROR", "mismatched input '<EOF>'. Expecting: 'ON', 'USING'", join)
    elif not (isinstance(condition, exp.Boolean) and condition.this):
        text = f"{kind} JOIN involving UNNEST is only supported with condition ON TRUE"
        raise RefusalError("NOT_SUPPORTED", text, condition or join)


def _elements(node: exp.Unnest, scope: Scope) -> _Elements:
    found = _Elements([], [], [])
    for each in node.expressions:
        for part, kind in _lists(translate(each, scope), each):
            name = f"u{len(found.lists)}"
            found.lists.append(part)
            if kind.name == "row":
                found.texts.extend(f"STRUCT_EXTRACT({name}, '{field}')" for field in kind.field_names)
                found.columns.extend(zip(kind.fields, kind.inner, strict=True))
            else:
                found.texts.append(name)
                found.columns.append(("", kind))
    if node.args.get("offset"):
        lengths = ", ".join(f"LEN({each})" for each in found.lists)
        found.texts.append(f"u{len(found.lists)}")
        found.lists.append(f"RANGE(1, COALESCE(GREATEST({lengths}), 0) + 1)")
        found.columns.append(("", BIGINT))
    scope.free.clear()
    _name_ordinality(node, len(found.columns))
    return found


def _lists(value: Value, node: exp.Expr) -> Iterable[tuple[str, Type]]:
    kind = value.type
    if kind.name == "array":
        return [(value.sql, kind.inner[0])]
    if kind.name == "map":
        return [(f"MAP_KEYS({value.sql})", kind.inner[0]), (f"MAP_VALUES({value.sql})", kind.inner[1])]
    raise mismatch(f"Cannot unnest type: {kind}", node)


def _name_ordinality(node: exp.Unnest, columns: int) -> None:
    """Puts the name of the ordinality, which sqlglot keeps apart, behind those of the other columns."""
    alias, offset = node.args.get("alias"), node.args.get("offset")
    if isinstance(offset, exp.Identifier) and alias and len(alias.columns) < columns:
        alias.append("columns", offset)

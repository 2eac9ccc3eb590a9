"""GROUP BY, and the expressions that are allowed with it."""

from __future__ import annotations

from sqlglot import exp

from nrti_local.athena.trino.dispatch import translate
from nrti_local.athena.trino.refusals import RefusalError
from nrti_local.athena.trino.scope import Scope

_SETS: dict[type[exp.Expr], str] = {exp.Cube: "CUBE", exp.GroupingSets: "GROUPING SETS", exp.Rollup: "ROLLUP"}


def group_by(tree: exp.Select, scope: Scope) -> tuple[str, list[str]]:
    """Translates GROUP BY; returns DuckDB's clause and its expressions."""
    group = tree.args.get("group")
    if group is None:
        return "", []
    scope.grouped = True
    if group.args.get("all") is not None or group.args.get("totals"):
        raise RefusalError("SYNTAX_ERROR", "mismatched input 'ALL'", tree)
    scope.clause = "GROUP BY clause"
    found: list[str] = []
    written = [_element(each, tree, scope, found) for each in group.expressions]
    scope.clause = ""
    scope.free.clear()
    return f" GROUP BY {', '.join(written) or '()'}", found


def _element(node: exp.Expr, tree: exp.Select, scope: Scope, found: list[str]) -> str:
    """Translates an element of GROUP BY, and adds its expressions to `found`."""
    word = _SETS.get(type(node))
    if word:
        return f"{word} ({', '.join(_set(each, tree, scope, found) for each in node.expressions)})"
    found.append(_key(node, tree, scope))
    return found[-1]


def _set(node: exp.Expr, tree: exp.Select, scope: Scope, found: list[str]) -> str:
    if type(node) in _SETS:
        return _element(node, tree, scope, found)
    parts = node.expressions if isinstance(node, exp.Tuple) else [node.unnest()]
    keys = [_key(part, tree, scope) for part in parts]
    found += keys
    return f"({', '.join(keys)})"


def _key(node: exp.Expr, tree: exp.Select, scope: Scope) -> str:
    """Returns an expression of GROUP BY; a number is a column of the result."""
    if not isinstance(node, exp.Literal) or node.is_string:
        return translate(node, scope).sql
    position = int(node.name)
    if not 0 < position <= len(tree.expressions):
        raise RefusalError(
            "INVALID_COLUMN_REFERENCE", f"GROUP BY position {position} is not in select list", node
        )
    chosen = tree.expressions[position - 1]
    return translate(chosen.this if isinstance(chosen, exp.Alias) else chosen, scope).sql


def check_grouping(scope: Scope, *, grouped: bool) -> None:
    """Checks that a query with groups has no columns in its result that are no keys.

    Raises:
        RefusalError: it has one.
    """
    if grouped and scope.first_free:
        raise not_grouped(scope.first_free[0])


def not_grouped(node: exp.Expr) -> RefusalError:
    """Returns the refusal of an expression that is neither a key nor an aggregation."""
    text = node.sql(dialect="trino")
    return RefusalError(
        "EXPRESSION_NOT_AGGREGATE",
        f"'{text}' must be an aggregate expression or appear in GROUP BY clause",
        node,
    )

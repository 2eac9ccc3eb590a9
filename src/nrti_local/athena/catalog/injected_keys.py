"""Partition projection of the type `injected`: the query gives the values of the key."""

from __future__ import annotations

from itertools import permutations

from sqlglot import exp

from nrti_local.athena.catalog.projection import injected
from nrti_local.athena.catalog.readers import conjuncts, is_column, readers
from nrti_local.athena.catalog.tables import GlueTable
from nrti_local.athena.errors import AthenaError

#: AWS's page "Use dynamic ID partitioning" has the text.
_RULE = (
    "For the injected projected partition column {}, the WHERE clause must contain only static equality "
    "conditions, and at least one such condition must be present."
)


def check_injected(node: exp.Table, table: GlueTable) -> None:
    """Checks that WHERE gives the values of the keys that only a query can give.

    Raises:
        AthenaError: it does not, for one of them.
    """
    for key in injected(table):
        if not any(
            _names_values(part, key.lower(), names)
            for select, _, names in readers(node, {key.lower()})
            for part in conjuncts(select)
        ):
            raise AthenaError(f"CONSTRAINT_VIOLATION: {_RULE.format(key)}")


def _names_values(part: exp.Expr, key: str, tables: set[str]) -> bool:
    """Whether a condition holds for some values of a key alone, which it names."""
    if isinstance(part, exp.Paren):
        return _names_values(part.this, key, tables)
    if isinstance(part, exp.Or):
        return all(_names_values(each, key, tables) for each in (part.left, part.right))
    if isinstance(part, exp.And):
        return any(_names_values(each, key, tables) for each in (part.left, part.right))
    if isinstance(part, exp.EQ):
        sides = [part.left, part.right]
    elif isinstance(part, exp.In) and not part.args.get("query"):
        sides = [part.this, exp.Tuple(expressions=[each.copy() for each in part.expressions])]
    else:
        return False
    return any(_is_key(one, key, tables) and _is_static(other) for one, other in permutations(sides))


def _is_key(node: exp.Expr, key: str, tables: set[str]) -> bool:
    return is_column(node, key) and node.text("table").lower() in tables


def _is_static(node: exp.Expr) -> bool:
    return node.find(exp.Column, exp.Query) is None

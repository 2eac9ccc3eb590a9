"""The SELECTs whose conditions on a table's partition keys decide what is read of the table."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp


def readers(node: exp.Table, keys: set[str]) -> Iterator[tuple[exp.Select, set[str], set[str]]]:
    """Yields the SELECT that reads a table, and those around it that keys get to.

    Each comes with those keys, and with the names of the relation that has them.
    """
    source: exp.Expr | None = node
    while source and keys and (select := _reader(source)):
        names = {"", source.alias_or_name.lower()}
        yield select, keys, names
        keys = {key for key in keys if _passes_through(select, key, names)}
        source = _relation(select)


def _relation(select: exp.Select) -> exp.Expr | None:
    """Returns the relation that a SELECT is, or the only reference to it in the query of its WITH.

    None if its columns have other names there.
    """
    around = select.parent
    if around is None or around.alias_column_names:
        return None
    if isinstance(around, exp.CTE) and around.parent and around.parent.parent:
        name = around.alias.lower()
        found = [each for each in around.parent.parent.find_all(exp.Table) if each.name.lower() == name]
        return found[0] if len(found) == 1 and not found[0].db else None
    return around if isinstance(around, exp.Subquery) else None


def _reader(source: exp.Expr) -> exp.Select | None:
    """Returns the SELECT that has this in its FROM or JOIN.

    If an outer join adds rows without this source there is none: a condition may then select those rows.
    """
    clause = source.parent
    if not isinstance(clause, exp.From | exp.Join) or not isinstance(clause.parent, exp.Select):
        return None
    joins = clause.parent.args.get("joins") or []
    later = joins if isinstance(clause, exp.From) else joins[joins.index(clause) + 1 :]
    adding = [join.side for join in later if join.side in ("RIGHT", "FULL")]
    own = clause.side if isinstance(clause, exp.Join) else ""
    return None if adding or own in ("LEFT", "FULL") else clause.parent


def conjuncts(select: exp.Select) -> Iterator[exp.Expr]:
    """Yields the conditions in WHERE, of which each must hold."""
    where = select.args.get("where")
    if where is not None:
        condition = where.this.unnest()
        yield from condition.flatten() if isinstance(condition, exp.And) else [condition]


def _passes_through(select: exp.Select, key: str, names: set[str]) -> bool:
    """Whether a condition on a key can be pushed down into the SELECT.

    It cannot if the rows that it excludes affect the others: by a LIMIT, or in a group or a window that spans
    partitions.
    """
    if select.args.get("limit") or select.args.get("offset"):
        return False
    named = [each for each in select.expressions if each.is_star or each.alias_or_name.lower() == key]
    group = select.args.get("group")
    sets = [window.args.get("partition_by") or [] for window in select.find_all(exp.Window)]
    sets += [group.expressions] if group else []
    return (
        len(named) == 1
        and isinstance(named[0].unalias(), exp.Column | exp.Star)
        and named[0].unalias().name.lower() in ("*", key)
        and named[0].unalias().text("table").lower() in names
        and all(any(is_column(each, key) for each in columns) for columns in sets)
    )


def is_column(node: exp.Expr, name: str) -> bool:
    """Whether an expression is a column of that name."""
    return isinstance(node, exp.Column) and node.name.lower() == name

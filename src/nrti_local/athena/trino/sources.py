"""FROM: tables, derived tables, joins, UNNEST and VALUES."""

from __future__ import annotations

from sqlglot import exp

from nrti_local.athena.trino import stored_views, unnest
from nrti_local.athena.trino.casts import convert
from nrti_local.athena.trino.comparisons import compare
from nrti_local.athena.trino.dispatch import translate
from nrti_local.athena.trino.naming import named
from nrti_local.athena.trino.operators import boolean
from nrti_local.athena.trino.refusals import RefusalError, absent, mismatch
from nrti_local.athena.trino.scope import Column, Relation, Scope, Value
from nrti_local.athena.trino.types import Type, common


def origin(tree: exp.Select, scope: Scope) -> str:
    """Translates FROM and the joins, and adds their columns to the scope; returns DuckDB's clause."""
    start = tree.args.get("from_")
    if start is None:
        return ""
    sql = source(start.this, scope)
    for join in start.this.args.get("joins") or []:
        sql = _joined(sql, join, scope)
    for lateral in tree.args.get("laterals") or []:
        sql += f" CROSS JOIN {source(lateral, scope)}"
    for join in tree.args.get("joins") or []:
        sql = _joined(sql, join, scope)
    return f" FROM {sql}"


def _joined(left: str, join: exp.Join, scope: Scope) -> str:
    """Translates a join, after what is on its left; `scope` has the columns of that, and of nothing else."""
    return unnest.joined(left, join, scope) if unnest.joins(join) else left + _join(join, scope)


def source(node: exp.Expr, scope: Scope) -> str:
    """Translates one relation of FROM, and adds its columns to the scope."""
    sample = _sample(node)
    if isinstance(node, exp.Unnest):
        return unnest.alone(node, scope) + sample
    if isinstance(node, exp.Lateral):
        return _derived(
            node, node.this.this if isinstance(node.this, exp.Subquery) else node.this, scope, "LATERAL "
        )
    if isinstance(node, exp.Subquery):
        return _subquery(node, scope) + sample
    if isinstance(node, exp.Values):
        return named(values(node, scope), node, scope)
    if isinstance(node, exp.Table) and isinstance(node.this, exp.Identifier):
        return _table(node, scope) + sample
    raise absent(f"'{node.sql('trino')}' in FROM", node)


def _subquery(node: exp.Subquery, scope: Scope) -> str:
    if view := stored_views.relation_of(node, scope):
        return named(view, node, scope)
    if isinstance(node.this, exp.Table | exp.Subquery) and not node.alias:
        joins = node.this.args.get("joins") or []
        return "(" + source(node.this, scope) + "".join(_join(join, scope) for join in joins) + ")"
    return _derived(node, node.this, scope)


def _sample(node: exp.Expr) -> str:
    sample = node.args.get("sample")
    if sample is None:
        return ""
    method, percent = sample.args.get("method"), sample.args.get("percent")
    if method is None or not isinstance(percent, exp.Literal):
        raise absent(f"'{sample.sql('trino')}'", node)
    return f" TABLESAMPLE {method.name.upper()}({percent.name}%)"


def _table(node: exp.Table, scope: Scope) -> str:
    if not node.db and (known := scope.relations.get(node.name.lower())):
        return named(known, node, scope, default=node.name)
    relation = scope.statement.table(node)
    return named(relation, node, scope, default=node.name)


def _derived(node: exp.Expr, tree: exp.Expr, scope: Scope, lateral: str = "") -> str:
    from nrti_local.athena.trino.queries import query

    parent = scope if lateral else _outside(scope)
    return lateral + named(query(tree, parent), node, scope)


def _outside(scope: Scope) -> Scope:
    """Returns a scope for a derived table: it sees WITH, but not the relations beside it."""
    outside = Scope(scope.statement, scope.parent)
    outside.relations = dict(scope.relations)
    return outside


def _join(join: exp.Join, scope: Scope) -> str:
    side, kind = (str(join.args.get(part) or "").upper() for part in ("side", "kind"))
    method = str(join.args.get("method") or "").upper()
    if method == "NATURAL":
        first = join.parent and join.parent.args.get("from_")
        raise RefusalError("NOT_SUPPORTED", "Natural join not supported", first or join)
    if method or kind in ("SEMI", "ANTI", "STRAIGHT_JOIN"):
        raise absent(f"{method or kind} JOIN", join)
    left = list(scope.columns)
    right_sql = source(join.this, scope)
    for inner in join.this.args.get("joins") or []:
        right_sql += _join(inner, scope)
    condition = join.args.get("on")
    if names := join.args.get("using"):
        on = _using([each.name for each in names], left, side, join, scope)
        return f" {side or 'INNER'} JOIN {right_sql} ON {on}"
    if condition is None:
        if side or kind == "INNER":
            raise RefusalError("SYNTAX_ERROR", "mismatched input '<EOF>'. Expecting: 'ON', 'USING'", join)
        return f" CROSS JOIN {right_sql}"
    scope.clause = "JOIN clause"
    sql = boolean(condition, scope, "JOIN ON clause").sql
    scope.clause = ""
    return f" {side or 'INNER'} JOIN {right_sql} ON {sql}"


def _using(names: list[str], left: list[Column], side: str, node: exp.Expr, scope: Scope) -> str:
    """Merges columns of the same name; only their relations' names reach the two that they are made of."""
    right = scope.columns[len(left) :]
    merged, tests = [], []
    for name in names:
        one, other = (_only(columns, name, node) for columns in (left, right))
        tests.append(compare(one.value, "=", other.value, node).sql)
        kind = common(one.value.type, other.value.type) or one.value.type
        texts = [convert(each.value, kind).sql for each in (one, other)]
        sql = f"COALESCE({texts[0]}, {texts[1]})" if side == "FULL" else texts[side == "RIGHT"]
        merged.append(Column(name, Value(sql, kind)))
    lower = {name.lower() for name in names}
    rest = [
        Column(c.name, c.value, c.table, c.hidden, merged=c.merged or c.name.lower() in lower)
        for c in scope.columns
    ]
    scope.columns = [*merged, *rest]
    return " AND ".join(tests)


def _only(columns: list[Column], name: str, node: exp.Expr) -> Column:
    found = [each for each in columns if each.name.lower() == name.lower() and not each.merged]
    if len(found) == 1:
        return found[0]
    if found:
        raise RefusalError("AMBIGUOUS_NAME", f"Column '{name}' is ambiguous", node)
    raise RefusalError("COLUMN_NOT_FOUND", f"Column '{name}' is missing from a side of join", node)


def values(node: exp.Values, scope: Scope) -> Relation:
    """Translates VALUES: each column has the common type of its values."""
    rows = [
        [translate(cell, scope) for cell in (each.expressions if isinstance(each, exp.Tuple) else [each])]
        for each in node.expressions
    ]
    width = len(rows[0])
    if any(len(each) != width for each in rows):
        lengths = next(len(each) for each in rows if len(each) != width)
        raise mismatch(f"Values rows have mismatched sizes: {width} vs {lengths}", node)
    kinds = [_kind([each[index].type for each in rows], node) for index in range(width)]
    texts = (", ".join(convert(c, k).sql for c, k in zip(each, kinds, strict=True)) for each in rows)
    written = ", ".join(f"({text})" for text in texts)
    return Relation(f"VALUES {written}", [("", kind) for kind in kinds])


def _kind(found: list[Type], node: exp.Expr) -> Type:
    kind = found[0]
    for each in found[1:]:
        both = common(kind, each)
        if both is None:
            raise mismatch(f"Values rows have mismatched types: {kind} vs {each}", node)
        kind = both
    return kind

"""Translates a statement of Athena into DuckDB's SQL."""

from __future__ import annotations

from sqlglot import exp

from nrti_local.athena.errors import TOO_DEEP, AthenaError
from nrti_local.athena.trino import (
    arithmetic,
    calls,
    comparisons,
    conditionals,
    expressions,
    literals,
    operators,
    options,
    queries,
    windows,
)
from nrti_local.athena.trino.dispatch import translate
from nrti_local.athena.trino.refusals import RefusalError
from nrti_local.athena.trino.scope import Column, Relation, Scope, Statement

#: The modules that register how each kind of expression is translated.
_HANDLERS = (arithmetic, calls, comparisons, conditionals, expressions, literals, operators, windows)


def translated(sql: str, query: exp.Query, statement: Statement) -> Relation:
    """Returns a query's relation: DuckDB's text, and the columns with Trino's types.

    Args:
        sql: the statement as submitted, for the positions in errors.
        query: its syntax tree.
        statement: knows the tables.

    Raises:
        AthenaError: Trino refuses the query, or the embedded AWS does not have a part of it.
    """
    try:
        relation = queries.statement(query, statement)
        options.check(query)
    except RefusalError as error:
        raise error.located(sql) from error
    except RecursionError as error:
        text = f"STATEMENT_TOO_LARGE: {TOO_DEEP} (stack overflow during analysis)"
        raise AthenaError(text) from error
    return relation


def condition(node: exp.Expr, columns: list[Column]) -> str:
    """Returns DuckDB's text of a condition on some columns.

    Args:
        node: the condition, from a query that was translated before.
        columns: the columns that it names.
    """
    scope = Scope(Statement(table=_no_table))
    scope.columns = columns
    return translate(node, scope).sql


def _no_table(node: exp.Table) -> Relation:
    raise LookupError(node.name)

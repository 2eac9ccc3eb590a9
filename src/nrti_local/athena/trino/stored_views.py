"""A view in FROM: its SELECT must still return the columns with which the view was stored."""

from __future__ import annotations

from dataclasses import dataclass

from sqlglot import exp
from sqlglot.errors import ParseError

from nrti_local.athena.errors import AthenaError, is_absent
from nrti_local.athena.trino.datatypes import from_datatype
from nrti_local.athena.trino.refusals import VIEW, RefusalError
from nrti_local.athena.trino.scope import Relation, Scope
from nrti_local.athena.trino.types import Type, converts


@dataclass(frozen=True)
class StoredView:
    """A view as the catalog has it.

    Attributes:
        name: with its catalog and database.
        database: the default database of the tables in its SELECT.
        sql: the text of its SELECT.
        columns: the names and types that the SELECT had when the view was made.
    """

    name: str
    database: str
    sql: str
    columns: tuple[tuple[str, str], ...]

    def failure(self, error: AthenaError, reference: exp.Expr) -> RefusalError:
        """Returns the refusal of a reference to the view, whose SELECT fails."""
        text = f"Failed analyzing stored view '{self.name}': {str(error).partition(': ')[2]}"
        return RefusalError("NOT_SUPPORTED" if is_absent(error) else "INVALID_VIEW", text, reference)


def derived_table(view: StoredView, select: exp.Query, reference: exp.Table) -> exp.Subquery:
    """Returns what takes the place of a reference to a view.

    Args:
        view: the view.
        select: the syntax tree of its SELECT.
        reference: what is replaced.
    """
    alias = reference.args.get("alias")
    table = exp.Subquery(
        this=select,
        alias=alias.copy() if alias else exp.TableAlias(this=exp.to_identifier(reference.name, quoted=True)),
        sample=reference.args.get("sample"),
        joins=reference.args.get("joins"),
    )
    table.meta[VIEW] = (view, reference)
    return table


def relation_of(node: exp.Subquery, scope: Scope) -> Relation | None:
    """Returns the relation of a view with the columns with which it was stored; None for other subqueries.

    Raises:
        RefusalError: the SELECT fails, or returns other columns.
    """
    from nrti_local.athena.trino.queries import query, retyped

    if VIEW not in node.meta:
        return None
    view, reference = node.meta[VIEW]
    try:
        found = query(node.this, Scope(scope.statement))
    except RefusalError as error:
        raise view.failure(error.located(view.sql), reference) from error
    columns = [(name, _type(view, name, kind, reference)) for name, kind in view.columns]
    if stale := _stale(columns, found.columns):
        text = f"View '{view.name}' is stale or in invalid state: {stale}"
        raise RefusalError("VIEW_IS_STALE", text, reference)
    return Relation(retyped(found, [kind for _, kind in columns], scope), columns)


def _type(view: StoredView, name: str, kind: str, reference: exp.Table) -> Type:
    try:
        return from_datatype(exp.DataType.build(kind, dialect="trino"), reference)
    except (ParseError, RefusalError) as error:
        text = f"Unknown type '{kind}' for column '{name}' in view: {view.name}"
        raise RefusalError("INVALID_VIEW", text, reference) from error


def _stale(stored: list[tuple[str, Type]], found: list[tuple[str, Type]]) -> str:
    """Returns in Trino's words how columns differ from those of a view; an empty text if they fit."""
    if len(stored) != len(found):
        return (
            f"stored view column count ({len(stored)}) does not match column count derived from the view "
            f"query analysis ({len(found)})"
        )
    for position, ((name, kind), (column, actual)) in enumerate(zip(stored, found, strict=True)):
        what = f"column [{column}] of type {actual} projected from query view at position {position}"
        definition = f"column [{name}] of type {kind} stored in view definition"
        if not column:
            return f"a column of type {actual} projected from query view at position {position} has no name"
        if column.lower() != name.lower():
            return f"{what} has a different name from {definition}"
        if not converts(actual, kind):
            return f"{what} cannot be coerced to {definition}"
    return ""

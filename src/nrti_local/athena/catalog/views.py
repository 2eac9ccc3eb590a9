"""Athena's views: a query's reference to a view is replaced by the view's SELECT."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

from sqlglot import exp

from nrti_local.athena.catalog.tables import GlueTable
from nrti_local.athena.errors import AthenaError, MalformedQueryError
from nrti_local.athena.sql import CATALOG, parse, table_nodes
from nrti_local.athena.trino.refusals import RefusalError
from nrti_local.athena.trino.stored_views import StoredView, derived_table

_BEGIN, _END = "/* Presto View: ", " */"
#: Finds the table of the catalog that a reference means, if it means one. The text is the statement's, for
#: positions in errors.
Resolve = Callable[[exp.Table, str], GlueTable | None]


def is_view(definition: dict[str, Any]) -> bool:
    """Whether a table of the catalog is a view."""
    return definition.get("TableType") == "VIRTUAL_VIEW"


def select_of(definition: dict[str, Any], database: str) -> str:
    """Returns the text of a view's SELECT.

    Raises:
        AthenaError: the definition is not an Athena view.
    """
    return _stored(definition, database).sql


def open_views(
    query: exp.Query, sql: str, database: str, resolve: Resolve, outer: tuple[str, ...] = ()
) -> None:
    """Replaces each view by its SELECT, and each view in that.

    Args:
        query: the syntax tree to change.
        sql: its text.
        database: the default database of the references.
        resolve: finds tables.
        outer: the names of the views that contain the query.

    Raises:
        AthenaError: a table does not exist, or a view is invalid.
    """
    for node in table_nodes(query):
        table = resolve(node, sql)
        if table and is_view(table.definition):
            view = _stored(table.definition, node.db or database)
            node.replace(derived_table(view, _opened(view, node, sql, resolve, outer), node))


def _opened(
    view: StoredView, node: exp.Table, sql: str, resolve: Resolve, outer: tuple[str, ...]
) -> exp.Query:
    """Returns the SELECT of a view without views in it."""
    if view.name in outer:
        raise RefusalError("VIEW_IS_RECURSIVE", "View is recursive", node).located(sql)
    try:
        select = parse(view.sql)
    except MalformedQueryError as error:
        text = f"Failed parsing stored view '{view.name}': {error}"
        raise RefusalError("INVALID_VIEW", text, node).located(sql) from error
    for table in table_nodes(select):
        if not table.db:
            table.set("db", exp.to_identifier(view.database))
    try:
        open_views(select, view.sql, view.database, resolve, (*outer, view.name))
    except AthenaError as error:
        raise view.failure(error, node).located(sql) from error
    return select


def _stored(definition: dict[str, Any], database: str) -> StoredView:
    text = str(definition.get("ViewOriginalText", ""))
    name = f"{CATALOG}.{database.lower()}.{definition.get('Name')}"
    try:
        view = json.loads(base64.b64decode(text.removeprefix(_BEGIN).removesuffix(_END), validate=True))
        columns = tuple((str(each["name"]), str(each["type"])) for each in view["columns"])
        return StoredView(name, str(view.get("schema") or database), str(view["originalSql"]), columns)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise AthenaError(f"INVALID_VIEW: Failed analyzing stored view '{name}'") from error

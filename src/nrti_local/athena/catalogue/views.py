"""Athena's views: a query's reference to a view is replaced by the view's SELECT."""

from __future__ import annotations

import base64
import json
from typing import Any

from sqlglot import exp

from nrti_local.athena.errors import AthenaError
from nrti_local.athena.sql import parse, table_nodes

_BEGIN, _END = "/* Presto View: ", " */"


def is_view(definition: dict[str, Any]) -> bool:
    """Whether a table of the catalogue is a view."""
    return definition.get("TableType") == "VIRTUAL_VIEW"


def select_of(definition: dict[str, Any], database: str) -> str:
    """Returns the text of a view's SELECT.

    Raises:
        AthenaError: the definition is not an Athena view.
    """
    return str(_read(definition, database)["originalSql"])


def derived_table(definition: dict[str, Any], database: str) -> exp.Subquery:
    """Returns a view's SELECT, with the database of every table.

    Args:
        definition: the view as returned by Glue's GetTable.
        database: the view's database, the default for its tables.

    Raises:
        AthenaError: the definition is not an Athena view.
    """
    view = _read(definition, database)
    select = parse(view["originalSql"])
    for table in table_nodes(select):
        if not table.db:
            table.set("db", exp.to_identifier(view.get("schema", database)))
    return exp.Subquery(this=select)


def _read(definition: dict[str, Any], database: str) -> dict[str, Any]:
    text = str(definition.get("ViewOriginalText", ""))
    try:
        view = json.loads(base64.b64decode(text.removeprefix(_BEGIN).removesuffix(_END), validate=True))
        return dict(view) | {"originalSql": str(view["originalSql"])}
    except (ValueError, KeyError, TypeError) as error:
        name = f"{database}.{definition.get('Name')}"
        raise AthenaError(f"INVALID_VIEW: Failed analyzing stored view 'awsdatacatalog.{name}'") from error

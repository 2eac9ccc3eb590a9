"""Athena's views: the SELECT in the catalogue takes the place of the name in a query."""

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


def derived_table(definition: dict[str, Any], database: str) -> exp.Subquery:
    """A view's SELECT, in which every table names its database.

    Args:
        definition: the view as Glue's GetTable returns it.
        database: the view's own, where its tables are looked up.

    Raises:
        AthenaError: it is not a view of Athena's.
    """
    text = str(definition.get("ViewOriginalText", ""))
    try:
        view = json.loads(base64.b64decode(text.removeprefix(_BEGIN).removesuffix(_END), validate=True))
        select = parse(view["originalSql"])
    except (ValueError, KeyError, TypeError) as error:
        name = f"{database}.{definition.get('Name')}"
        raise AthenaError(f"INVALID_VIEW: Failed analyzing stored view 'awsdatacatalog.{name}'") from error
    for table in table_nodes(select):
        if not table.db:
            table.set("db", exp.to_identifier(view.get("schema", database)))
    return exp.Subquery(this=select)

"""Translates statements on a table without running them."""

from __future__ import annotations

from sqlglot import exp

from nrti_local.athena.errors import AthenaError
from nrti_local.athena.sql import parse
from nrti_local.athena.trino.scope import Relation, Statement
from nrti_local.athena.trino.signatures import parse_type
from nrti_local.athena.trino.translation import translated

#: A table as the pipeline's, called `predictions`.
COLUMNS = [
    ("event_id", "varchar"), ("sensor", "varchar"), ("event_time", "timestamp(3)"), ("prediction", "integer"),
    ("probability", "double"), ("data", "array(double)"), ("ok", "boolean"),
    ("tags", "map(varchar, varchar)"), ("day", "varchar"),
]  # fmt: skip


def translation(sql: str) -> Relation:
    """Returns the translation of a query on `predictions`."""
    return translated(sql, parse(sql), Statement(table=_table))


def _table(_node: exp.Table) -> Relation:
    return Relation("SELECT * FROM t0", [(name, parse_type(kind)) for name, kind in COLUMNS])


def refusal(sql: str) -> str:
    """Returns the error of a query; an empty text if it has none."""
    try:
        translation(sql)
    except AthenaError as error:
        return str(error)
    return ""

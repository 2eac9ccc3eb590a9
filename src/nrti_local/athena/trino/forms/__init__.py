"""Functions whose DuckDB text depends on more than the types: on a literal, or on the number of arguments.

A row of the table whose DuckDB text is `@name` is written by the function of that name.
"""

from nrti_local.athena.trino.forms import (
    collections,
    conditions,
    dates,
    formatting,
    json,
    patterns,
    zones,
)
from nrti_local.athena.trino.forms.base import FORMS

__all__ = ["FORMS", "collections", "conditions", "dates", "formatting", "json", "patterns", "zones"]

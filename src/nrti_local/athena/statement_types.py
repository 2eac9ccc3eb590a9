"""The types of statements that Athena distinguishes."""

from __future__ import annotations

from nrti_local.athena import writing
from nrti_local.athena.catalog import ddl, partition_ddl
from nrti_local.athena.errors import AthenaError, MalformedQueryError
from nrti_local.athena.executions import parameters
from nrti_local.athena.sql import parse

#: Statements that are neither queries nor DDL; their errors are reported at run time.
_UTILITIES = ("show", "desc", "describe", "msck", "explain")


def statement_type(sql: str) -> str:
    """Returns DML, DDL or UTILITY.

    Raises:
        MalformedQueryError: Athena rejects the statement at submission.
    """
    first = next(iter(sql.split(maxsplit=1)), "").lower()
    if first in _UTILITIES:
        return "UTILITY"
    if known := parameters.kind(sql):
        return known
    if write := writing.parse(sql):
        parse(write.query)
        return "DDL" if write.table else "DML"
    if ddl.parse(sql) is not None or partition_ddl.parse(sql) is not None:
        return "DDL"
    try:
        parse(sql)
    except MalformedQueryError:
        raise
    except AthenaError:
        pass  # reported by the execution
    return "DML"

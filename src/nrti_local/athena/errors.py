"""Translates the errors of sqlglot and DuckDB into Athena's."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from sqlglot import exp

from nrti_local.athena.failures import failure

if TYPE_CHECKING:
    from sqlglot.errors import ParseError


#: The message for a statement that is nested too deeply.
TOO_DEEP = "statement is too large"


_ELSEWHERE = " is not in the embedded AWS; it works on Athena"

#: The message for a query that exceeds a limit.
EXHAUSTED = "Query exhausted resources at this scale factor"


class AthenaError(Exception):
    """A query fails; the text becomes its `StateChangeReason`."""


class MalformedQueryError(AthenaError):
    """StartQueryExecution rejects a statement."""


def elsewhere(what: str) -> str:
    """Returns what is wrong with something that Athena has and the embedded AWS lacks."""
    return what + _ELSEWHERE


def absent(what: str) -> AthenaError:
    """Returns the refusal of such a thing."""
    return AthenaError(f"NOT_SUPPORTED: {elsewhere(what)}")


def is_absent(error: AthenaError) -> bool:
    """Whether an error is such a refusal."""
    return str(error).endswith(_ELSEWHERE)


def position(sql: str, offset: int) -> str:
    """Returns the position of a character as Athena reports it: `line 1:8`."""
    before = sql[:offset]
    return f"line {before.count(chr(10)) + 1}:{offset - (before.rfind(chr(10)) + 1) + 1}"


def mismatched(sql: str, offset: int, text: str) -> MalformedQueryError:
    """Returns the error for a token that is not allowed at its position."""
    return MalformedQueryError(f"{position(sql, offset)}: mismatched input '{text}'")


def from_parse_error(sql: str, error: ParseError) -> MalformedQueryError:
    """Returns the error for a statement that sqlglot cannot parse."""
    found = error.errors[0]
    highlight, line, end_column = found["highlight"], found["line"], found["col"]
    offset = len("".join(sql.splitlines(keepends=True)[: line - 1])) + end_column - len(highlight)
    at_end = not sql[offset + len(highlight) :].strip()
    if at_end and not found["description"].startswith("Invalid expression"):
        return mismatched(sql, len(sql), "<EOF>")
    return mismatched(sql, offset, highlight)


def from_engine_error(sql: str, query: exp.Expr, text: str) -> AthenaError:
    """Returns the error of a query that DuckDB rejected or could not finish.

    Args:
        sql: the statement as submitted.
        query: its syntax tree, with positions.
        text: DuckDB's message.
    """
    for pattern, explain in _EXPLANATIONS:
        match = pattern.search(text)
        if match:
            return AthenaError(explain(sql, query, *match.groups()))
    return AthenaError(failure(text))


def _at(sql: str, nodes: Iterable[exp.Expr]) -> str:
    """Returns the position of the first node, `line 1:8: `, or an empty text if there is none."""
    for node in nodes:
        starts = [
            part.meta["start"] for part in (node, *node.find_all(exp.Identifier)) if "start" in part.meta
        ]
        if starts:
            return f"{position(sql, min(starts))}: "
    return ""


def _columns(query: exp.Expr, name: str, table: str = "") -> Iterator[exp.Expr]:
    for column in query.find_all(exp.Column, bfs=False):
        if (column.table.lower(), column.name.lower()) == (table.lower(), name.lower()):
            yield column


def _functions(query: exp.Expr, name: str) -> Iterator[exp.Expr]:
    return (node for node in query.find_all(exp.Func, bfs=False) if _function_name(node) == name.lower())


def _function_name(node: exp.Func) -> str:
    return (node.name if isinstance(node, exp.Anonymous) else str(node.meta.get("name") or node.key)).lower()


def _unknown_column(sql: str, query: exp.Expr, name: str) -> str:
    return f"COLUMN_NOT_FOUND: {_at(sql, _columns(query, name))}Column '{name}' cannot be resolved"


def _unknown_column_of(sql: str, query: exp.Expr, table: str, name: str) -> str:
    where = _at(sql, _columns(query, name, table))
    return f"COLUMN_NOT_FOUND: {where}Column '{table}.{name}' cannot be resolved"


def _unknown_qualifier(sql: str, query: exp.Expr, table: str) -> str:
    names = (
        each.name for each in query.find_all(exp.Column, bfs=False) if each.table.lower() == table.lower()
    )
    return _unknown_column_of(sql, query, table, next(names, "*"))


def _ambiguous(sql: str, query: exp.Expr, name: str) -> str:
    return f"AMBIGUOUS_NAME: {_at(sql, _columns(query, name))}Column '{name}' is ambiguous"


def _not_grouped(sql: str, query: exp.Expr, name: str) -> str:
    where = _at(sql, _columns(query, name))
    rule = "must be an aggregate expression or appear in GROUP BY clause"
    return f"EXPRESSION_NOT_AGGREGATE: {where}'{name}' {rule}"


def _unknown_function(sql: str, query: exp.Expr, name: str) -> str:
    return f"FUNCTION_NOT_FOUND: {_at(sql, _functions(query, name))}Function '{name}' not registered"


def _bad_arguments(sql: str, query: exp.Expr, name: str, types: str) -> str:
    where = _at(sql, _functions(query, name))
    return f"FUNCTION_NOT_FOUND: {where}Unexpected parameters ({_types(types)}) for function {name}"


def _bad_comparison(_sql: str, _query: exp.Expr, left: str, right: str) -> str:
    return f"TYPE_MISMATCH: Cannot apply operator: {_types(left)} = {_types(right)}"


def _bad_cast(_sql: str, _query: exp.Expr, value: str, kind: str) -> str:
    athena = {"INT32": "INT", "INT64": "BIGINT"}.get(kind, kind)
    return f"INVALID_CAST_ARGUMENT: Cannot cast '{value}' to {athena}"


def _too_deep(_sql: str, _query: exp.Expr) -> str:
    return f"STATEMENT_TOO_LARGE: {TOO_DEEP} (stack overflow during analysis)"


def _out_of_memory(_sql: str, _query: exp.Expr) -> str:
    return EXHAUSTED


def _types(names: str) -> str:
    return names.replace("_LITERAL", "").lower()


def _changing_percentage(_sql: str, _query: exp.Query) -> str:
    return str(absent("approx_percentile with a percentage that is not a constant"))


_Explain = Callable[..., str]
_EXPLANATIONS: tuple[tuple[re.Pattern[str], _Explain], ...] = tuple(
    (re.compile(pattern), explain)
    for pattern, explain in (
        (r'Referenced column "([^"]+)" (?:was )?not found', _unknown_column),
        (r'(?:Table|Values list) "([^"]+)" does not have a column named "([^"]+)"', _unknown_column_of),
        (r'Referenced table "([^"]+)" not found', _unknown_qualifier),
        (r'Ambiguous reference to column name "([^"]+)"', _ambiguous),
        (r'column "([^"]+)" must appear in the GROUP BY', _not_grouped),
        (r"Function with name \"?(\w+)\"? does not exist", _unknown_function),
        (r"No function matches the given name and argument types '([^(]+)\((.*)\)'", _bad_arguments),
        (r'for the function call "([^(]+)\((.*)\)"', _bad_arguments),
        (r"Cannot compare values of type (\S+) and (?:type )?(\S+)", _bad_comparison),
        (r"Max expression depth limit|[Mm]aximum recursion depth", _too_deep),
        (r"^Out of Memory Error", _out_of_memory),
        (r'in function "approx_quantile" must be a constant', _changing_percentage),
        (r"Could not convert string '(.*)' to (\w+)", _bad_cast),
    )
)

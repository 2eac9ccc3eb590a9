"""Statements with parameters: `?` with ExecutionParameters, and PREPARE, EXECUTE … USING and DEALLOCATE."""

from __future__ import annotations

import re
from typing import Protocol

from sqlglot.errors import SqlglotError
from sqlglot.tokenizer_core import Token, TokenType

from nrti_local.athena.dialect import EmbeddedAthena
from nrti_local.athena.errors import AthenaError, MalformedQueryError

_NAME = r"(?P<name>\"[^\"]+\"|\w+)"
_PREPARE = re.compile(rf"\s*prepare\s+{_NAME}\s+from\s+(?P<query>.+?)\s*;?\s*", re.IGNORECASE | re.DOTALL)
_EXECUTE = re.compile(
    rf"\s*execute\s+{_NAME}(?:\s+using\s+(?P<values>.+?))?\s*;?\s*", re.IGNORECASE | re.DOTALL
)
_DEALLOCATE = re.compile(rf"\s*deallocate\s+prepare\s+{_NAME}\s*;?\s*", re.IGNORECASE)


class PreparedStatements(Protocol):
    """The prepared statements of a work group."""

    def prepare(self, name: str, query: str) -> None:
        """Keeps a statement; replaces one of the same name."""

    def prepared(self, name: str) -> str | None:
        """Returns a statement, or None."""

    def deallocate(self, name: str) -> None:
        """Deletes a statement."""


def kind(sql: str) -> str | None:
    """Returns the statement type of PREPARE, EXECUTE or DEALLOCATE PREPARE, or None for another statement.

    Raises:
        MalformedQueryError: it begins as one of them, but is none.
    """
    first = next(iter(sql.split(maxsplit=1)), "").lower()
    pattern = {"prepare": _PREPARE, "execute": _EXECUTE, "deallocate": _DEALLOCATE}.get(first)
    if pattern is None:
        return None
    if not pattern.fullmatch(sql):
        raise MalformedQueryError(f"line 1:1: mismatched input '{first}'")
    return "DML" if first == "execute" else "DDL"


def resolve(sql: str, values: list[str], statements: PreparedStatements) -> str | None:
    """Returns the statement to run, with its parameters in it; None if PREPARE or DEALLOCATE was carried out.

    Args:
        sql: the statement.
        values: the ExecutionParameters.
        statements: those of the work group.

    Raises:
        AthenaError: there is no such statement, or the number of parameters is wrong.
    """
    if found := _PREPARE.fullmatch(sql):
        statements.prepare(_unquoted(found["name"]), found["query"])
        return None
    if found := _DEALLOCATE.fullmatch(sql):
        _existing(_unquoted(found["name"]), statements)
        statements.deallocate(_unquoted(found["name"]))
        return None
    if found := _EXECUTE.fullmatch(sql):
        query = _existing(_unquoted(found["name"]), statements)
        return bind(query, [*_values(found["values"] or ""), *values])
    return bind(sql, values)


def _existing(name: str, statements: PreparedStatements) -> str:
    query = statements.prepared(name)
    if query is None:
        raise AthenaError(f"NOT_FOUND: PreparedStatement {name} was not found in workGroup")
    return query


def bind(sql: str, values: list[str]) -> str:
    """Returns a statement with values in place of its question marks.

    Raises:
        AthenaError: there are more values or fewer.
    """
    marks = [token for token in _tokens(sql) if token.token_type == TokenType.PLACEHOLDER]
    if len(marks) != len(values):
        text = f"Incorrect number of parameters: expected {len(marks)} but found {len(values)}"
        raise AthenaError(f"INVALID_PARAMETER_USAGE: line 1:1: {text}")
    for mark, value in reversed(list(zip(marks, values, strict=True))):
        sql = sql[: mark.start] + value + sql[mark.end + 1 :]
    return sql


def _tokens(sql: str) -> list[Token]:
    if "?" not in sql:
        return []
    try:
        return EmbeddedAthena().tokenize(sql)
    except SqlglotError:
        return []  # the syntax is checked elsewhere


def _values(text: str) -> list[str]:
    """Splits `'a', concat('b', 'c')` at the commas outside of parentheses."""
    values, depth, start = [], 0, 0
    for token in EmbeddedAthena().tokenize(text):
        depth += (token.text in "([") - (token.text in ")]") if len(token.text) == 1 else 0
        if token.token_type == TokenType.COMMA and depth == 0:
            values.append(text[start : token.start].strip())
            start = token.end + 1
    return [*values, text[start:].strip()] if text.strip() else []


def _unquoted(name: str) -> str:
    return name.strip('"')

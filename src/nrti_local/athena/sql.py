"""Parses Athena SQL as strictly as Athena does."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from sqlglot import exp
from sqlglot.errors import ParseError, TokenError
from sqlglot.optimizer.scope import traverse_scope
from sqlglot.tokenizer_core import Token, TokenType

from nrti_local.athena.dialect import EmbeddedAthena
from nrti_local.athena.errors import (
    TOO_DEEP,
    AthenaError,
    MalformedQueryError,
    absent,
    from_parse_error,
    mismatched,
    position,
)
from nrti_local.athena.syntax import check_joins, check_numbers

#: The name of the Glue catalog in SQL, where case does not matter.
CATALOG = "awsdatacatalog"
#: Statements that Athena refuses.
_UNSUPPORTED = frozenset({"ANALYZE", "CALL", "GRANT", "REVOKE", "SET", "TRUNCATE", "USE"})
#: Statements that Athena has and the embedded AWS has not, or not in this form.
_ATHENAS = frozenset(
    {
        "ALTER", "CREATE", "DEALLOCATE", "DELETE", "DROP", "EXECUTE", "INSERT", "MERGE", "OPTIMIZE",
        "PREPARE", "UNLOAD", "UPDATE", "VACUUM",
    }
)  # fmt: skip
#: Trino's reserved words: as names they need double quotes, which sqlglot does not enforce.
_RESERVED = frozenset(
    """
    ALTER AND AS BETWEEN BY CASE CAST CONSTRAINT CREATE CROSS CUBE DELETE DESCRIBE DISTINCT DROP ELSE END
    ESCAPE EXCEPT EXISTS EXTRACT FALSE FOR FROM FULL GROUP GROUPING HAVING IN INNER INSERT INTERSECT INTO IS
    JOIN LEFT LIKE NATURAL NORMALIZE NOT NULL ON OR ORDER OUTER RECURSIVE RIGHT ROLLUP SELECT SKIP TABLE THEN
    TRUE UESCAPE UNION UNNEST USING VALUES WHEN WHERE WITH
    """.split()  # noqa: SIM905 (a list of words, one per line in quotes, is no easier to read)
)
#: Tokens that must not follow a comma or SELECT; sqlglot accepts them.
_CLAUSES = {TokenType.FROM, TokenType.WHERE, TokenType.GROUP_BY, TokenType.ORDER_BY, TokenType.R_PAREN}
#: Operators and words of other dialects, which sqlglot accepts.
_FOREIGN = {
    TokenType.DCOLON, TokenType.ILIKE, TokenType.RLIKE, TokenType.SEMI, TokenType.ANTI, TokenType.ASOF,
    TokenType.QUALIFY, TokenType.PIVOT, TokenType.UNPIVOT, TokenType.DIV, TokenType.AMP, TokenType.PIPE,
    TokenType.CARET, TokenType.HASH, TokenType.XOR, TokenType.GLOB, TokenType.COLON_EQ,
}  # fmt: skip
#: Words of Trino's syntax that sqlglot may not read.
_ELSEWHERE = frozenset(
    {
        "JSON_ARRAY", "JSON_EXISTS", "JSON_OBJECT", "JSON_QUERY", "JSON_TABLE", "JSON_VALUE",
        "MATCH_RECOGNIZE", "NORMALIZE", "OVERFLOW", "OVERLAY",
    }
)  # fmt: skip
_UNITS = ("YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND")
_SIGNS = (TokenType.DASH, TokenType.PLUS)
_FIRST = {TokenType.SELECT, TokenType.WITH, TokenType.VALUES, TokenType.L_PAREN, TokenType.TABLE}


def literal(value: Any) -> str:
    """Returns a value as an SQL string literal."""
    return "'" + str(value).replace("'", "''") + "'"


def parse(sql: str) -> exp.Query:
    """Returns the syntax tree of a query.

    Raises:
        MalformedQueryError: it is not a single query in Athena's SQL; the text has the position.
    """
    dialect = EmbeddedAthena()
    try:
        tokens = dialect.tokenize(sql)
        _check_tokens(sql, tokens)
        statements = [tree for tree in dialect.parser().parse(tokens, sql) if tree]
    except ParseError as error:
        raise _unknown_syntax(sql, tokens) or from_parse_error(sql, error) from error
    except TokenError as error:
        raise MalformedQueryError(f"{position(sql, len(sql))}: mismatched input '<EOF>'") from error
    except RecursionError as error:
        raise MalformedQueryError(f"line 1:1: {TOO_DEEP} (stack overflow while parsing)") from error
    if len(statements) > 1:
        raise MalformedQueryError("Only one sql statement is allowed. Got: " + sql)
    tree = statements[0]
    if isinstance(tree, exp.Values | exp.Table):
        tree = exp.select("*").from_(tree)
    if not isinstance(tree, exp.Query):
        raise mismatched(sql, tokens[0].start, tokens[0].text)
    _check_names(sql, tree)
    _check_references(sql, tree)
    check_joins(sql, tree, tokens)
    return tree


def _unknown_syntax(sql: str, tokens: list[Token]) -> AthenaError | None:
    """Returns the refusal of a syntax that Athena has and the embedded AWS has not, or None."""
    for token in tokens:
        if token.text.upper() in _ELSEWHERE:
            return absent(f"{position(sql, token.start)}: {token.text.upper()}")
    return None


def table_nodes(query: exp.Query) -> list[exp.Table]:
    """Returns the references to tables of the catalog, without names that WITH defines."""
    nodes = {
        id(source): source
        for scope in traverse_scope(query)
        for source in scope.sources.values()
        if isinstance(source, exp.Table)
    }
    return list(nodes.values())


def _check_tokens(sql: str, tokens: list[Token]) -> None:
    """Rejects statements that are not queries, and what sqlglot accepts although Trino does not."""
    if not tokens:
        raise MalformedQueryError(f"{position(sql, len(sql))}: mismatched input '<EOF>'")
    first = tokens[0]
    if first.text.upper() in _UNSUPPORTED:
        raise MalformedQueryError("Queries of this type are not supported")
    if first.text.upper() in _ATHENAS:
        what = first.text.upper()
        raise MalformedQueryError(
            f"{what}, as it is written here, is not in the embedded AWS; Athena has {what}"
        )
    if first.token_type not in _FIRST:
        raise mismatched(sql, first.start, first.text)
    for token, following in pairwise(tokens):
        if token.token_type in (TokenType.SELECT, TokenType.COMMA) and following.token_type in _CLAUSES:
            raise mismatched(sql, following.start, following.text)
    _check_foreign(sql, tokens)
    check_numbers(sql, tokens)
    _check_limits(sql, tokens)
    _check_intervals(sql, tokens)


def _check_foreign(sql: str, tokens: list[Token]) -> None:
    for token in tokens:
        if token.token_type in _FOREIGN:
            raise mismatched(sql, token.start, token.text)
        if sql[token.start : token.start + 1] == "`":
            where = position(sql, token.start)
            text = "backquoted identifiers are not supported; use double quotes to quote identifiers"
            raise MalformedQueryError(f"{where}: {text}")
        if token.token_type == TokenType.EQ and token.text == "==":
            raise mismatched(sql, token.start, token.text)


def _check_limits(sql: str, tokens: list[Token]) -> None:
    """OFFSET comes before LIMIT."""
    depth, limited = 0, set()
    for token in tokens:
        if token.token_type == TokenType.L_PAREN:
            depth += 1
        elif token.token_type == TokenType.R_PAREN:
            limited.discard(depth)
            depth -= 1
        elif token.token_type in (TokenType.UNION, TokenType.EXCEPT, TokenType.INTERSECT):
            limited.discard(depth)
        elif token.token_type in (TokenType.LIMIT, TokenType.FETCH):
            limited.add(depth)
        elif token.token_type == TokenType.OFFSET and depth in limited:
            raise mismatched(sql, token.start, token.text)


def _check_intervals(sql: str, tokens: list[Token]) -> None:
    """An interval is a string and a unit in the singular: `interval '1' day`."""
    for at, token in enumerate(tokens):
        if token.token_type != TokenType.INTERVAL:
            continue
        rest = [each for each in tokens[at + 1 : at + 4] if each.token_type not in _SIGNS]
        if not rest or rest[0].token_type != TokenType.STRING:
            continue  # a name
        if len(rest) < 2 or rest[1].text.upper() not in _UNITS:
            where = position(sql, token.start)
            raise AthenaError(f"TYPE_NOT_FOUND: {where}: Unknown resolvedType: interval")


def _check_names(sql: str, tree: exp.Query) -> None:
    """Rejects reserved words as names, and table functions."""
    for identifier in tree.find_all(exp.Identifier):
        if not identifier.quoted and identifier.name.upper() in _RESERVED and "start" in identifier.meta:
            raise mismatched(sql, identifier.meta["start"], identifier.name)
    for table in tree.find_all(exp.Table):
        if not isinstance(table.this, exp.Identifier):
            raise MalformedQueryError(f"Table function {table.this.sql(dialect='trino')} is not supported")


def _check_references(sql: str, tree: exp.Query) -> None:
    """Rejects tables of other catalogs, and former versions of tables, which only Iceberg's have."""
    for table in tree.find_all(exp.Table):
        where = position(sql, table.this.meta.get("start", 0))
        if table.catalog and table.catalog.lower() != CATALOG:
            raise AthenaError(f"CATALOG_NOT_FOUND: {where}: Catalog '{table.catalog.lower()}' does not exist")
        if table.args.get("version"):
            raise AthenaError(f"NOT_SUPPORTED: {where}: This connector does not support versioned tables")

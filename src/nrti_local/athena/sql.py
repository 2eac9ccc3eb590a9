"""Parses Athena SQL as strictly as Athena does, and translates it into DuckDB's SQL."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any, ClassVar

import sqlglot
from sqlglot import exp
from sqlglot.dialects.duckdb import DuckDB
from sqlglot.errors import ParseError, TokenError
from sqlglot.generators.duckdb import DuckDBGenerator
from sqlglot.optimizer.scope import traverse_scope
from sqlglot.tokenizer_core import Token, TokenType

from nrti_local.athena.errors import (
    TOO_DEEP,
    AthenaError,
    MalformedQueryError,
    from_parse_error,
    mismatched,
    position,
)

#: Statements of Athena that are not supported here.
_UNSUPPORTED = frozenset(
    {
        "ALTER", "ANALYZE", "CALL", "CREATE", "DEALLOCATE", "DELETE", "DROP", "EXECUTE", "GRANT", "INSERT",
        "MERGE", "OPTIMIZE", "PREPARE", "REVOKE", "SET", "TRUNCATE", "UNLOAD", "UPDATE", "USE", "VACUUM",
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

#: Functions that are the same in DuckDB.
_SAME = frozenset(
    {
        "bit_count", "entropy", "geometric_mean", "histogram", "json_array_length", "map_concat",
        "map_entries", "map_values", "timezone_hour", "timezone_minute", "url_decode", "url_encode",
    }
)  # fmt: skip
#: Functions that DuckDB lacks, as DuckDB expressions; the arguments are {0}, {1} and so on.
_REWRITTEN = {
    "all_match": "LEN(LIST_FILTER({0}, {1})) = LEN({0})",
    "any_match": "LEN(LIST_FILTER({0}, {1})) > 0",
    "none_match": "LEN(LIST_FILTER({0}, {1})) = 0",
    "array_average": "LIST_AVG({0})",
    "array_union": "LIST_DISTINCT(LIST_CONCAT({0}, {1}))",
    "arrays_overlap": "LIST_HAS_ANY({0}, {1})",
    "at_timezone": "(CAST({0} AS TIMESTAMPTZ) AT TIME ZONE {1})",
    "bitwise_left_shift": "({0} << {1})",
    "bitwise_right_shift": "({0} >> {1})",
    "codepoint": "UNICODE({0})",
    "e": "EXP(1.0::DOUBLE)",
    "every": "BOOL_AND({0})",
    "from_unixtime_nanos": "TO_TIMESTAMP({0} / 1e9)",
    "hamming_distance": "HAMMING({0}, {1})",
    "infinity": "'Infinity'::DOUBLE",
    "is_finite": "ISFINITE({0})",
    "is_infinite": "ISINF({0})",
    "json_array_get": "({0} -> ('$[' || {1} || ']'))",
    "json_exists": "JSON_EXISTS({0}, {1})",
    "map_agg": "MAP(LIST({0}), LIST({1}))",
    "millisecond": "(MILLISECOND({0}) % 1000)",
    "nan": "'NaN'::DOUBLE",
    "to_iso8601": (
        "CASE TYPEOF({0}) WHEN 'DATE' THEN STRFTIME({0}, '%Y-%m-%d') "
        "WHEN 'TIMESTAMP WITH TIME ZONE' THEN STRFTIME({0}, '%Y-%m-%dT%H:%M:%S.%gZ') "
        "ELSE STRFTIME({0}, '%Y-%m-%dT%H:%M:%S.%g') END"
    ),
    "to_milliseconds": "CAST(EPOCH({0}) * 1000 AS BIGINT)",
    "with_timezone": "({0} AT TIME ZONE {1})",
}
#: Joda's pattern letters (`parse_datetime`, `format_datetime`) in strftime's notation.
_JODA = {
    "yyyy": "%Y", "yy": "%y", "MMMM": "%B", "MMM": "%b", "MM": "%m", "M": "%-m", "dd": "%d", "d": "%-d",
    "HH": "%H", "H": "%-H", "hh": "%I", "h": "%-I", "mm": "%M", "m": "%-M", "ss": "%S", "s": "%-S",
    "SSS": "%g", "EEEE": "%A", "EEE": "%a", "E": "%a", "a": "%p", "Z": "%z", "ZZ": "%z", "DDD": "%j",
}  # fmt: skip


def literal(value: Any) -> str:
    """Returns a value as an SQL string literal."""
    return "'" + str(value).replace("'", "''") + "'"


def joda_to_strftime(pattern: str) -> str:
    """Translates `yyyy-MM-dd'T'HH` into `%Y-%m-%dT%H`; letters without a counterpart stay."""

    def one(part: re.Match[str]) -> str:
        text = part.group(0)
        if text.startswith("'"):
            return text[1:-1].replace("''", "'") or "'"
        return _JODA.get(text, text)

    return re.sub(r"'(?:[^']|'')*'|([A-Za-z])\1*", one, pattern)


class _Generator(DuckDBGenerator):
    """Generates DuckDB's SQL, including functions that sqlglot does not translate."""

    TRANSFORMS: ClassVar = {
        kind: how
        for kind, how in DuckDBGenerator.TRANSFORMS.items()
        if kind not in (exp.ParseDatetime, exp.Format, exp.AtTimeZone)
    }

    def anonymous_sql(self, expression: exp.Anonymous) -> str:
        name = expression.name.lower()
        arguments = [self.sql(argument) for argument in expression.expressions]
        if name == "format_datetime" and len(arguments) == 2:
            return f"STRFTIME({arguments[0]}, {self._joda(expression.expressions[1])})"
        if name not in _REWRITTEN:
            return super().anonymous_sql(expression)
        try:
            return _REWRITTEN[name].format(*arguments)
        except IndexError as error:
            raise AthenaError(f"FUNCTION_NOT_FOUND: Too few parameters for function {name}") from error

    def parsedatetime_sql(self, expression: exp.ParseDatetime) -> str:
        text, pattern = self.sql(expression, "this"), self._joda(expression.args["format"])
        return f"CAST(STRPTIME({text}, {pattern}) AS TIMESTAMPTZ)"

    def _joda(self, pattern: exp.Expr) -> str:
        return literal(joda_to_strftime(pattern.name)) if pattern.is_string else self.sql(pattern)

    def format_sql(self, expression: exp.Format) -> str:
        return self.func("PRINTF", expression.this, *expression.expressions)

    def widthbucket_sql(self, expression: exp.WidthBucket) -> str:
        """The number of a value's bin: of equal ones between two bounds, or by an array of their edges."""
        bounds = ("this", "min_value", "max_value", "num_buckets")
        value, low, high, count = (self.sql(expression, name) for name in bounds)
        if not high:
            bin_ = f"LEN(LIST_FILTER({low}, LAMBDA edge : edge <= {value}))"
            return f"CASE WHEN {value} IS NOT NULL THEN {bin_} END"
        inner = f"CAST(FLOOR(({value} - {low}) / ({high} - {low}) * {count}) AS BIGINT) + 1"
        return f"CASE WHEN {value} < {low} THEN 0 WHEN {value} >= {high} THEN {count} + 1 ELSE {inner} END"

    def attimezone_sql(self, expression: exp.AtTimeZone) -> str:
        moment, zone = self.sql(expression, "this"), self.sql(expression, "zone")
        return f"(CAST({moment} AS TIMESTAMPTZ) AT TIME ZONE {zone})"


class _Engine(DuckDB):
    Generator = _Generator


def parse(sql: str) -> exp.Query:
    """Returns the syntax tree of a query.

    Raises:
        MalformedQueryError: it is not a single query in Athena's SQL; the text has the position.
    """
    try:
        tokens = sqlglot.tokenize(sql, read="trino")
        _check_tokens(sql, tokens)
        statements = [tree for tree in sqlglot.parse(sql, read="trino") if tree]
    except ParseError as error:
        raise from_parse_error(sql, error) from error
    except TokenError as error:
        raise MalformedQueryError(f"{position(sql, len(sql))}: mismatched input '<EOF>'") from error
    except RecursionError as error:
        raise MalformedQueryError(f"line 1:1: {TOO_DEEP} (stack overflow while parsing)") from error
    if len(statements) > 1:
        raise MalformedQueryError("Only one sql statement is allowed. Got: " + sql)
    tree = _named(statements[0]) if isinstance(statements[0], exp.Values) else statements[0]
    if not isinstance(tree, exp.Query):
        raise mismatched(sql, tokens[0].start, tokens[0].text)
    _check_names(sql, tree)
    return tree


def to_duckdb(tree: exp.Expr) -> str:
    """Returns a query, or a part of one, in DuckDB's SQL."""
    return tree.sql(dialect=_Engine)


def table_nodes(query: exp.Query) -> list[exp.Table]:
    """Returns the references to tables of the catalogue, without names that WITH defines."""
    nodes = {
        id(source): source
        for scope in traverse_scope(query)
        for source in scope.sources.values()
        if isinstance(source, exp.Table)
    }
    return list(nodes.values())


def name_columns(tree: exp.Query) -> None:
    """Gives every unnamed column Athena's name: `_col0` for the first of its SELECT, and so on."""
    for select in tree.find_all(exp.Select):
        # All at once: replacing a single one takes time proportional to their number.
        select.set("expressions", [_name(column, at) for at, column in enumerate(select.expressions)])


def _name(column: exp.Expr, index: int) -> exp.Expr:
    is_named = column.is_star or isinstance(column, exp.Alias | exp.Column | exp.Dot)
    return column if is_named else exp.alias_(column, f"_col{index}", copy=False)


def _named(values: exp.Values) -> exp.Select:
    """Returns a bare VALUES as a SELECT with Athena's column names."""
    first = values.expressions[0]
    width = len(first.expressions) if isinstance(first, exp.Tuple) else 1
    names = [exp.to_identifier(f"_col{index}") for index in range(width)]
    values.set("alias", exp.TableAlias(this=exp.to_identifier("v"), columns=names))
    return exp.select("*").from_(values)


def _check_tokens(sql: str, tokens: list[Token]) -> None:
    """Rejects statements that are not queries, and missing expressions that sqlglot accepts."""
    if not tokens:
        raise MalformedQueryError(f"{position(sql, len(sql))}: mismatched input '<EOF>'")
    first = tokens[0]
    if first.text.upper() in _UNSUPPORTED:
        raise MalformedQueryError("Queries of this type are not supported")
    if first.token_type not in (
        TokenType.SELECT,
        TokenType.WITH,
        TokenType.VALUES,
        TokenType.L_PAREN,
        TokenType.TABLE,
    ):
        raise mismatched(sql, first.start, first.text)
    for token, following in pairwise(tokens):
        if token.token_type in (TokenType.SELECT, TokenType.COMMA) and following.token_type in _CLAUSES:
            raise mismatched(sql, following.start, following.text)


def _check_names(sql: str, tree: exp.Query) -> None:
    """Rejects reserved words as names, table functions, and functions that Athena does not have."""
    for identifier in tree.find_all(exp.Identifier):
        if not identifier.quoted and identifier.name.upper() in _RESERVED and "start" in identifier.meta:
            raise mismatched(sql, identifier.meta["start"], identifier.name)
    for table in tree.find_all(exp.Table):
        if not isinstance(table.this, exp.Identifier):
            raise MalformedQueryError(f"Table function {table.this.sql(dialect='trino')} is not supported")
    for function in tree.find_all(exp.Anonymous):
        name = function.name.lower()
        if name not in _SAME and name not in _REWRITTEN and name != "format_datetime":
            where = position(sql, function.meta.get("start", 0))
            raise AthenaError(f"FUNCTION_NOT_FOUND: {where}: Function '{name}' not registered")

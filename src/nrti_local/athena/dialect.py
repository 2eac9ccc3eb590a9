"""Reads Athena's SQL with sqlglot; each call of a function keeps its name and all its arguments."""

from __future__ import annotations

from typing import Any, ClassVar

from sqlglot import exp
from sqlglot.dialects.trino import Trino
from sqlglot.parsers.trino import TrinoParser

#: Names of types in Trino; `double precision` is two words of its grammar.
_TYPES = frozenset(
    {
        "ARRAY", "BIGINT", "BOOLEAN", "CHAR", "DATE", "DECIMAL", "DOUBLE", "DOUBLE PRECISION", "GEOMETRY",
        "HYPERLOGLOG", "INT", "INTEGER", "INTERVAL", "IPADDRESS", "JSON", "MAP", "REAL", "ROW", "SMALLINT",
        "TDIGEST", "TIME", "TIMESTAMP", "TINYINT", "UUID", "VARBINARY", "VARCHAR",
    }
)  # fmt: skip
#: Words of the syntax that sqlglot has among its types.
_NO_TYPES = frozenset({"NULL", "RANGE", "UNION"})
#: Functions with a syntax of their own.
_SPECIAL = ("CAST", "EXTRACT", "LISTAGG", "POSITION", "SUBSTRING", "TRIM", "TRY_CAST")
_Kind = exp.DataType.Type


def _typed_literal(parser: Any, this: exp.Expr, kind: exp.DataType) -> exp.Expr:
    """Reads `timestamp '…'`, which is no cast: its precision is that of the text."""
    node = parser.expression(exp.Cast(this=this, to=kind))
    node.meta["literal"] = True
    return node  # type: ignore[no-any-return]


def _json_literal(parser: Any, this: exp.Expr, _kind: exp.DataType) -> exp.Expr:
    return parser.expression(exp.ParseJSON(this=this))  # type: ignore[no-any-return]


class _Parser(TrinoParser):
    FUNCTIONS: ClassVar = {}
    FUNCTION_PARSERS: ClassVar = {name: TrinoParser.FUNCTION_PARSERS[name] for name in _SPECIAL}
    NO_PAREN_FUNCTION_PARSERS: ClassVar = {
        "ALL": lambda self: self.expression(exp.All(this=self._parse_bitwise())),
        "ANY": lambda self: self.expression(exp.Any(this=self._parse_bitwise())),
        "CASE": lambda self: self._parse_case(),
        "IF": lambda self: self._parse_if(),
        "SOME": lambda self: self.expression(exp.Any(this=self._parse_bitwise())),
    }
    TYPE_LITERAL_PARSERS: ClassVar = {
        **dict.fromkeys(
            (_Kind.DATE, _Kind.DECIMAL, _Kind.TIME, _Kind.TIMETZ, _Kind.TIMESTAMP, _Kind.TIMESTAMPTZ),
            _typed_literal,
        ),
        _Kind.JSON: _json_literal,
    }


class _Tokenizer(Trino.Tokenizer):
    """Reads other dialects' names of types, such as `string`, as Trino does: as names."""

    KEYWORDS: ClassVar = {
        word: token
        for word, token in Trino.Tokenizer.KEYWORDS.items()
        if token not in TrinoParser.TYPE_TOKENS or word in _TYPES | _NO_TYPES
    }


class EmbeddedAthena(Trino):
    """Trino's dialect for the embedded Athena."""

    # Whether a name is one of a type is decided later, where the refusal has Trino's words.
    SUPPORTS_USER_DEFINED_TYPES = True
    Tokenizer = _Tokenizer
    # A subscript stays as it is written.
    INDEX_OFFSET = 0
    Parser = _Parser

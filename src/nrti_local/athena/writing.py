"""CREATE TABLE AS and UNLOAD: parses such a statement, and writes its files."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from sqlglot.errors import SqlglotError
from sqlglot.tokenizer_core import Token, TokenType

from nrti_local.athena.dialect import EmbeddedAthena
from nrti_local.athena.errors import AthenaError, absent, mismatched
from nrti_local.athena.trino.types import Type

_CTAS = re.compile(r"\s*create\s+table\b(?!.*\bexternal\b\s+table)", re.IGNORECASE)
#: DuckDB's options for each format; Athena's default compression is that of the format.
_FORMATS = {
    "PARQUET": ("parquet", {"GZIP": "gzip", "SNAPPY": "snappy", "ZSTD": "zstd", "NONE": "uncompressed"}),
    "JSON": ("json", {"GZIP": "gzip", "NONE": "uncompressed"}),
}
_KNOWN = {
    "bucket_count", "bucketed_by", "compression", "external_location", "field_delimiter", "format",
    "is_external", "orc_compression", "parquet_compression", "partitioned_by", "table_type",
    "write_compression",
}  # fmt: skip
_HIVE = {"integer": "int", "real": "float", "varchar": "string", "varbinary": "binary"}


@dataclass(frozen=True)
class Write:
    """A statement that writes the result of a query.

    Attributes:
        query: the query, with blanks in place of all before it, so that positions in errors are right.
        database: of the table; empty for the default one, or for UNLOAD.
        table: its name; empty for UNLOAD.
        location: the S3 URI to write to; empty for a place below the results.
        properties: of WITH, by name in lower case.
        optional: whether an existing table is no error.
        empty: whether only the table is made, without data.
    """

    query: str
    database: str = ""
    table: str = ""
    location: str = ""
    properties: dict[str, Any] = field(default_factory=dict)
    optional: bool = False
    empty: bool = False

    @property
    def partitions(self) -> list[str]:
        """The names of the columns by which the files are partitioned; they are the last ones."""
        return [str(name).lower() for name in self.properties.get("partitioned_by", [])]

    @property
    def format(self) -> str:
        """The format of the files, in capitals."""
        return str(self.properties.get("format", "PARQUET")).upper()

    def options(self) -> str:
        """Returns DuckDB's options of COPY.

        Raises:
            AthenaError: the embedded AWS does not write the format.
        """
        unsupported = self.format not in _FORMATS or self.properties.get("bucketed_by")
        if unsupported or str(self.properties.get("table_type", "HIVE")).upper() != "HIVE":
            raise absent(f"Writing in the format {self.format}, into buckets or Iceberg tables")
        name, codecs = _FORMATS[self.format]
        given = ("write_compression", "compression", f"{name}_compression")
        codec = next(
            (str(self.properties[each]).upper() for each in given if each in self.properties), "GZIP"
        )
        if codec not in codecs:
            raise absent(f"Writing with the compression {codec}")
        return f"FORMAT {name}, COMPRESSION {codecs[codec]}"

    @property
    def ending(self) -> str:
        """The ending of the files' names."""
        return "" if self.format == "PARQUET" else ".gz"


def parse(sql: str) -> Write | None:
    """Returns what a CREATE TABLE AS or an UNLOAD says, or None for any other statement.

    Raises:
        MalformedQueryError: Athena refuses its syntax.
    """
    first = next(iter(sql.split(maxsplit=1)), "").lower()
    if first != "unload" and not _CTAS.match(sql):
        return None
    try:
        tokens = EmbeddedAthena().tokenize(sql)
    except SqlglotError:
        return None
    reader = _Reader(sql, tokens)
    return reader.unload() if first == "unload" else reader.create()


class _Reader:
    """Reads the clauses around a query from its tokens."""

    def __init__(self, sql: str, tokens: list[Token]) -> None:
        self._sql, self._tokens, self._at = sql, tokens, 0

    def create(self) -> Write | None:
        """Reads CREATE TABLE [IF NOT EXISTS] name [WITH (…)] AS query [WITH [NO] DATA]."""
        self._expect("CREATE", "TABLE")
        optional = self._takes("IF", "NOT", "EXISTS")
        names = [self._next().text]
        while self._takes("."):
            names.append(self._next().text)
        properties = self._properties() if self._takes("WITH") else {}
        if not self._takes("AS"):
            return None
        end, empty = len(self._tokens), False
        last = [token.text.upper() for token in self._tokens[-3:]]
        if last[-2:] == ["WITH", "DATA"] or last == ["WITH", "NO", "DATA"]:
            empty = last[-2] == "NO"
            end -= 3 if empty else 2
        query = self._blanked(self._at, end)
        location = str(properties.get("external_location", ""))
        database = names[-2] if len(names) > 1 else ""
        return Write(query, database.lower(), names[-1].lower(), location, properties, optional, empty)

    def unload(self) -> Write:
        """Reads UNLOAD (query) TO 's3://…' WITH (…)."""
        self._expect("UNLOAD", "(")
        start = self._at
        end = self._close(start)
        self._at = end + 1
        self._expect("TO")
        location = self._next().text
        properties = self._properties() if self._takes("WITH") else {}
        return Write(self._blanked(start, end), location=location, properties=properties)

    def _close(self, start: int) -> int:
        """Returns where the parenthesis that opened before closes."""
        depth = 1
        for at in range(start, len(self._tokens)):
            kind = self._tokens[at].token_type
            depth += (kind == TokenType.L_PAREN) - (kind == TokenType.R_PAREN)
            if depth == 0:
                return at
        raise mismatched(self._sql, len(self._sql), "<EOF>")

    def _blanked(self, start: int, end: int) -> str:
        if start >= end:
            raise mismatched(self._sql, len(self._sql), "<EOF>")
        first, last = self._tokens[start].start, self._tokens[end - 1].end
        return re.sub(r"[^\n]", " ", self._sql[:first]) + self._sql[first : last + 1]

    def _properties(self) -> dict[str, Any]:
        self._expect("(")
        found: dict[str, Any] = {}
        while not self._takes(")"):
            name = self._next().text.lower()
            if name not in _KNOWN:
                raise mismatched(self._sql, self._tokens[self._at - 1].start, name)
            self._expect("=")
            found[name] = self._value()
            self._takes(",")
        return found

    def _value(self) -> Any:
        if not self._takes("ARRAY"):
            return self._next().text
        self._expect("[")
        values: list[str] = []
        while not self._takes("]"):
            values.append(self._next().text)
            self._takes(",")
        return values

    def _next(self) -> Token:
        if self._at >= len(self._tokens):
            raise mismatched(self._sql, len(self._sql), "<EOF>")
        self._at += 1
        return self._tokens[self._at - 1]

    def _expect(self, *words: str) -> None:
        for word in words:
            token = self._next()
            if token.text.upper() != word:
                raise mismatched(self._sql, token.start, token.text)

    def _takes(self, *words: str) -> bool:
        found = [token.text.upper() for token in self._tokens[self._at : self._at + len(words)]]
        if found != list(words):
            return False
        self._at += len(words)
        return True


def check_columns(columns: list[tuple[str, Type]]) -> None:
    """Checks that a table can have the columns of a query's result.

    Raises:
        AthenaError: a column has no name, no type or a type that Hive has not, or two have the same name.
    """
    seen: set[str] = set()
    for number, (name, kind) in enumerate(columns, 1):
        if not name:
            raise AthenaError(f"MISSING_COLUMN_NAME: Column name not specified at position {number}")
        if name.lower() in seen:
            raise AthenaError(f"DUPLICATE_COLUMN_NAME: Column name '{name}' specified more than once")
        if kind.name == "unknown":
            raise AthenaError(f"COLUMN_TYPE_UNKNOWN: Column type is unknown: {name}")
        seen.add(name.lower())
        hive_type(kind)


def hive_type(kind: Type) -> str:
    """Returns Hive's name of a type.

    Raises:
        AthenaError: Hive has no such type.
    """
    inner = [hive_type(each) for each in kind.inner]
    if kind.name == "row":
        members = (f"{name}:{each}" for name, each in zip(kind.field_names, inner, strict=True))
        return f"struct<{','.join(members)}>"
    if inner:
        return f"{kind.name}<{','.join(inner)}>"
    if kind.name in ("json", "time", "uuid", "timestamp with time zone") or kind.name.startswith("interval"):
        raise AthenaError(f"NOT_SUPPORTED: Unsupported Hive type: {kind}")
    if kind.name == "timestamp" or (kind.name == "varchar" and not kind.numbers):
        return _HIVE.get(kind.name, kind.name)
    return _HIVE.get(kind.name, str(kind)) if kind.name != "varchar" else str(kind)

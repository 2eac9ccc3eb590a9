"""Trino's types for types as sqlglot reads them: in CAST, and in the Glue catalog."""

from __future__ import annotations

from sqlglot import exp

from nrti_local.athena.trino.refusals import RefusalError, absent, mismatch
from nrti_local.athena.trino.types import WIDEST_DECIMAL, Type, decimal, row

_D = exp.DataType.Type
_NAMES = {
    _D.BOOLEAN: "boolean", _D.TINYINT: "tinyint", _D.SMALLINT: "smallint", _D.INT: "integer",
    _D.BIGINT: "bigint", _D.FLOAT: "real", _D.DOUBLE: "double", _D.VARBINARY: "varbinary",
    _D.BINARY: "varbinary",
    _D.JSON: "json", _D.DATE: "date", _D.TEXT: "varchar", _D.UUID: "uuid", _D.NULL: "unknown",
}  # fmt: skip
_TIMES = {
    _D.TIMESTAMP: "timestamp", _D.TIMESTAMPNTZ: "timestamp", _D.DATETIME: "timestamp",
    _D.TIMESTAMPTZ: "timestamp with time zone", _D.TIMESTAMPLTZ: "timestamp with time zone", _D.TIME: "time",
}  # fmt: skip
_STRINGS = {_D.VARCHAR: "varchar", _D.CHAR: "char", _D.NVARCHAR: "varchar", _D.NCHAR: "char"}
_MOST_DIGITS = 6


def from_datatype(kind: exp.Expr, node: exp.Expr) -> Type:
    """Returns the type.

    Args:
        kind: the type as sqlglot reads it.
        node: the part of the statement that has it, for errors.

    Raises:
        RefusalError: Trino or the embedded AWS has no such type.
    """
    if not isinstance(kind, exp.DataType):
        raise RefusalError("TYPE_NOT_FOUND", f"Unknown type: {kind.sql('trino').lower()}", node)
    if kind.this in (_D.USERDEFINED, _D.UNKNOWN):
        raise mismatch(f"Unknown type: {kind.sql('trino').lower()}", node)
    if kind.this in _NAMES:
        return Type(_NAMES[kind.this])
    if kind.this in _TIMES:
        return _time(kind, node)
    if kind.this in _STRINGS:
        return Type(_STRINGS[kind.this], tuple(_numbers(kind)))
    if kind.this == _D.DECIMAL:
        precision, scale = [*_numbers(kind), *([WIDEST_DECIMAL, 0][len(_numbers(kind)) :])]
        return decimal(precision, scale)
    if kind.this in (_D.ARRAY, _D.LIST, _D.MAP):
        return Type(kind.this.value.lower(), tuple(from_datatype(each, node) for each in kind.expressions))
    if kind.this == _D.STRUCT:
        return row([_field(each, node) for each in kind.expressions])
    raise absent(f"Type '{kind.sql('trino').lower()}'", node)


def _numbers(kind: exp.DataType) -> list[int]:
    return [int(each.this.name) for each in kind.expressions if isinstance(each, exp.DataTypeParam)]


def _time(kind: exp.DataType, node: exp.Expr) -> Type:
    precision = next(iter(_numbers(kind)), 3)
    if precision > _MOST_DIGITS:
        raise absent("More than six digits of a second", node)
    return Type(_TIMES[kind.this], (precision,))


def _field(each: exp.Expr, node: exp.Expr) -> tuple[str, Type]:
    if isinstance(each, exp.ColumnDef):
        return each.name, from_datatype(each.args["kind"], node)
    return "", from_datatype(each, node)

"""Trino's types: their names, DuckDB's types for them, and which ones Trino converts by itself."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

#: The digits of each integer type as a decimal, from the narrowest to the widest type.
INTEGERS = {"tinyint": 3, "smallint": 5, "integer": 10, "bigint": 19}
_FLOATS = ("real", "double")
_TIMES = ("date", "timestamp", "timestamp with time zone")
WIDEST_DECIMAL = 38
_DUCKDB = {
    "unknown": "INTEGER", "boolean": "BOOLEAN", "tinyint": "TINYINT", "smallint": "SMALLINT",
    "integer": "INTEGER", "bigint": "BIGINT", "real": "FLOAT", "double": "DOUBLE", "varchar": "VARCHAR",
    "char": "VARCHAR", "varbinary": "BLOB", "json": "JSON", "date": "DATE", "time": "TIME",
    "timestamp": "TIMESTAMP", "timestamp with time zone": "TIMESTAMP WITH TIME ZONE", "uuid": "UUID",
    "interval day to second": "INTERVAL", "interval year to month": "INTERVAL",
}  # fmt: skip


@dataclass(frozen=True)
class Type:
    """A type of Trino.

    Attributes:
        name: `varchar`, `array`, `timestamp with time zone` and so on.
        parameters: the types inside, or the length, precision and scale; names of variables in a signature.
        fields: the names of a row's fields; an empty name for one without.
        zone: of a timestamp with time zone: the zone of all values; None if they may differ.
    """

    name: str
    parameters: tuple[Type | int | str, ...] = ()
    fields: tuple[str, ...] = ()
    zone: str | None = field(default="UTC", compare=False)

    def __str__(self) -> str:
        if self.name == "row":
            members = zip(self.fields, self.parameters, strict=True)
            return f"row({', '.join(f'{name} {kind}'.strip() for name, kind in members)})"
        if not self.parameters:
            return self.name
        inner = f"({(',' if self.name == 'decimal' else ', ').join(map(str, self.parameters))})"
        if self.name.endswith(" with time zone"):
            return self.name.replace(" ", f"{inner} ", 1)
        return self.name + inner

    @property
    def inner(self) -> tuple[Type, ...]:
        """The types of an array's elements, of a map's keys and values, or of a row's fields."""
        return tuple(each for each in self.parameters if isinstance(each, Type))

    @property
    def numbers(self) -> tuple[int, ...]:
        """The length, or the precision and the scale."""
        return tuple(each for each in self.parameters if isinstance(each, int))

    @property
    def field_names(self) -> tuple[str, ...]:
        """DuckDB's names of a row's fields; those without a name are `field0`, `field1`, as in Athena."""
        return tuple(name or f"field{index}" for index, name in enumerate(self.fields))

    @property
    def duckdb(self) -> str:
        """The type of DuckDB that holds the values."""
        if self.name == "array":
            return f"{self.inner[0].duckdb}[]"
        if self.name == "map":
            return f"MAP({self.inner[0].duckdb}, {self.inner[1].duckdb})"
        if self.name == "row":
            members = zip(self.field_names, self.inner, strict=True)
            return f"STRUCT({', '.join(f'{quoted(name)} {kind.duckdb}' for name, kind in members)})"
        if self.name == "decimal":
            return f"DECIMAL({self.numbers[0]}, {self.numbers[1]})"
        return _DUCKDB[self.name]

    @property
    def is_number(self) -> bool:
        """Whether it is an integer, a decimal or a floating-point type."""
        return self.name in INTEGERS or self.name in _FLOATS or self.name == "decimal"

    @property
    def is_float(self) -> bool:
        """Whether it is real or double."""
        return self.name in _FLOATS

    @property
    def is_text(self) -> bool:
        """Whether it is varchar or char."""
        return self.name in ("varchar", "char")

    def at(self, zone: str | None) -> Type:
        """Returns the type with another zone."""
        return replace(self, zone=zone)


def quoted(name: str) -> str:
    """Returns a name as DuckDB's quoted identifier."""
    return '"' + name.replace('"', '""') + '"'


UNKNOWN, BOOLEAN, INTEGER, BIGINT, DOUBLE = map(Type, ("unknown", "boolean", "integer", "bigint", "double"))
VARCHAR, VARBINARY, JSON, DATE = map(Type, ("varchar", "varbinary", "json", "date"))
DAY_TIME, YEAR_MONTH = Type("interval day to second"), Type("interval year to month")


def decimal(precision: int, scale: int) -> Type:
    """Returns the type of decimals."""
    return Type("decimal", (precision, scale))


def array(element: Type) -> Type:
    """Returns the type of arrays."""
    return Type("array", (element,))


def row(fields: list[tuple[str, Type]]) -> Type:
    """Returns the type of rows; the name of a field may be empty."""
    return Type("row", tuple(kind for _, kind in fields), tuple(name for name, _ in fields))


def as_decimal(kind: Type) -> Type:
    """Returns the decimal that holds all values of an integer type; a decimal as it is."""
    return decimal(INTEGERS[kind.name], 0) if kind.name in INTEGERS else kind


def common(one: Type, other: Type) -> Type | None:  # noqa: PLR0911 (one for each kind of type)
    """Returns the type to which Trino converts values of two types by itself, or None."""
    if one == other:
        return one if one.zone == other.zone else one.at(None)
    if "unknown" in (one.name, other.name):
        return other if one.name == "unknown" else one
    if one.is_number and other.is_number:
        return _common_number(one, other)
    if one.is_text and other.is_text:
        return _common_text(one, other)
    if one.name in _TIMES and other.name in _TIMES:
        return _common_time(one, other)
    if one.name == other.name == "time":
        return Type("time", (max(one.numbers + other.numbers),))
    if one.name == other.name and len(one.inner) == len(other.inner) > 0:
        return _common_nested(one, other)
    return None


def converts(source: Type, target: Type) -> bool:
    """Whether Trino converts values of one type to the other by itself."""
    return common(source, target) == target


def _common_number(one: Type, other: Type) -> Type:
    names = {one.name, other.name}
    if "double" in names:
        return DOUBLE
    if "real" in names:
        return Type("real")
    if "decimal" not in names:
        return max(one, other, key=lambda kind: INTEGERS[kind.name])
    (p1, s1), (p2, s2) = as_decimal(one).numbers, as_decimal(other).numbers
    scale = max(s1, s2)
    return decimal(min(WIDEST_DECIMAL, max(p1 - s1, p2 - s2) + scale), scale)


def _common_text(one: Type, other: Type) -> Type:
    name = "char" if "char" in (one.name, other.name) else "varchar"
    if one.numbers and other.numbers:
        return Type(name, (max(one.numbers[0], other.numbers[0]),))
    return VARCHAR


def _common_time(one: Type, other: Type) -> Type:
    low, high = sorted((one, other), key=lambda kind: _TIMES.index(kind.name))
    precision = max(low.numbers + high.numbers)
    zone = high.zone if low.name != high.name or low.zone == high.zone else None
    return Type(high.name, (precision,), zone=zone)


def _common_nested(one: Type, other: Type) -> Type | None:
    inner = [common(a, b) for a, b in zip(one.inner, other.inner, strict=True)]
    names = tuple(a if a == b else "" for a, b in zip(one.fields, other.fields, strict=True))
    known = [each for each in inner if each is not None]
    return Type(one.name, tuple(known), names) if len(known) == len(inner) else None

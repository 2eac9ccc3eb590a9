"""The roles of the columns of a table: fields of an event, the label, and the values of the sequence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from nrti_cli.tables.faults import listed, unfit
from nrti_cli.tables.formats.blocks import Table
from nrti_cli.tables.schema import Schema

#: Columns that are fields of an event; they are values only if they are named as features.
FIELDS = {
    "sensor": "sensor",
    "model": "model",
    "timestamp": "timestamp",
    "id": "event_id",
    "event_id": "event_id",
}


@dataclass(frozen=True)
class Roles:
    """The roles of the columns of a table.

    Attributes:
        values: the columns with the values of a sequence, in order.
        fields: the field of an event for a column, by the column's name.
        left_out: columns without a role.
    """

    values: tuple[str, ...]
    fields: Mapping[str, str]
    left_out: tuple[str, ...]

    def column(self, field: str) -> str | None:
        """The column for a field of the events."""
        return next((name for name, given in self.fields.items() if given == field), None)


def roles(table: Table, schema: Schema, named: Iterable[str], hint: str) -> Roles:
    """The roles of the columns of a table, by a schema.

    Args:
        table: opened.
        schema: its features are found by name, in a table without names by position. Without features, every
            column without another role is a value.
        named: columns that must exist.
        hint: what to do if a column is missing.

    Raises:
        NrtiError: a column is missing.
    """
    by_place = not table.named and len(schema.features) == len(table.names)
    wanted = table.names if by_place else schema.features
    missing = [name for name in dict.fromkeys((*named, *wanted)) if name not in table.names]
    if missing:
        raise unfit(table.shown, f"has no column {listed(missing, 2)}, it has {listed(table.names, 3)}", hint)
    special = {schema.label, *filter(None, (schema.group, schema.time)), *schema.exclude}
    values = tuple(wanted) or tuple(name for name in table.names if name not in {*FIELDS, *special})
    fields = _fields(table, schema, set(values))
    others = [name for name in table.names if name not in {*values, *fields, *special}]
    return Roles(values, fields, tuple(name for name in others if name not in FIELDS))


def _fields(table: Table, schema: Schema, values: set[str]) -> dict[str, str]:
    """The fields of the events; the named time and group columns take precedence over the default ones."""
    found = {name: FIELDS[name] for name in table.names if name in FIELDS and name not in values}
    for column, field in ((schema.time, "timestamp"), (schema.group, "sensor")):
        if column in table.names and column is not None:
            found = {name: given for name, given in found.items() if given != field} | {column: field}
    return found

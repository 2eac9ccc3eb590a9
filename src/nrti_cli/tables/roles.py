"""What the columns of a table are: fields of an event, the label, and the values of the sequence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from nrti_cli.tables.blocks import Table
from nrti_cli.tables.faults import listed, unfit
from nrti_cli.tables.schema import Schema

#: Columns that are fields of an event. They are values only where they are named as such.
FIELDS = {
    "sensor": "sensor",
    "model": "model",
    "timestamp": "timestamp",
    "id": "event_id",
    "event_id": "event_id",
}


@dataclass(frozen=True)
class Roles:
    """What the columns of a table are.

    Attributes:
        values: the columns with the values of a sequence, in order.
        fields: the field of an event that a column gives, by the column's name.
        left_out: the columns that are none of it, nor label, group or time.
    """

    values: tuple[str, ...]
    fields: Mapping[str, str]
    left_out: tuple[str, ...]

    def column(self, field: str) -> str | None:
        """The column that gives a field of the events."""
        return next((name for name, given in self.fields.items() if given == field), None)


def roles(table: Table, schema: Schema, named: Iterable[str], hint: str) -> Roles:
    """What the columns of a table are, by a schema.

    Args:
        table: opened.
        schema: its features are found by name, in a table without names by place. If it has none, every
            column is a value that is nothing else.
        named: columns that must be there.
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
    """The fields of the events; what is named as time or group gives theirs in place of the usual columns."""
    found = {name: FIELDS[name] for name in table.names if name in FIELDS and name not in values}
    for column, field in ((schema.time, "timestamp"), (schema.group, "sensor")):
        if column in table.names and column is not None:
            found = {name: given for name, given in found.items() if given != field} | {column: field}
    return found

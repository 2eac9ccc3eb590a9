"""Makes events of the rows of a table."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain
from typing import TYPE_CHECKING, Any

from nrti_cli.counts import show_count
from nrti_cli.errors import NrtiError
from nrti_cli.tables.faults import fault, listed, quoted, unfit
from nrti_cli.tables.formats.blocks import Block, Table
from nrti_cli.tables.layout import Layout
from nrti_cli.tables.roles import Roles, roles
from nrti_cli.tables.schema import LABEL, Schema
from nrti_cli.tables.times import milliseconds

if TYPE_CHECKING:
    from nrti_cli.tables.rows import RowReader, Rows

#: The field of an event with the whole sequence.
SEQUENCE = "data"

Record = dict[str, Any]
Remark = Callable[[str], None]
#: Events, each with a function that returns its position in the file.
Placed = Iterator[tuple[Record, Callable[[], str]]]


def holds_events(table: Table, layout: Layout) -> bool:
    """Whether the rows of a table are complete events: objects with a sequence in `data`."""
    return table.objects and SEQUENCE in table.names and not layout.cuts


def events_of(table: Table, layout: Layout, remark: Remark) -> Placed:
    """The rows of a table as events.

    Objects with `data` are events already. In other rows, the values are found by the names that the model
    takes; without such names, every column is a value except the fields of an event and the label.

    Args:
        table: opened.
        layout: the roles of its columns.
        remark: called with a text about skipped data.

    Raises:
        NrtiError: a row cannot be an event; the events before it are yielded first.
    """
    if holds_events(table, layout):
        for block in table.blocks:
            for row, record in enumerate(block.records or ()):
                yield _event(block, row, record, layout.schema), place_in(block, row)
        return
    rows = RowEvents(roles_of(table, layout, remark), layout.schema)
    for block in table.blocks:
        yield from rows.of(block)
    if rows.dropped:
        remark(f"skipped {show_count(rows.dropped, 'row')} with missing values")


def place_in(block: Block, row: int) -> Callable[[], str]:
    """Returns a function that finds the position of a row."""
    return lambda: block.place(row)


def roles_of(table: Table, layout: Layout, remark: Remark) -> Roles:
    """The roles of the columns of a table; reports columns without a role.

    Raises:
        NrtiError: a column is missing, or none has values.
    """
    schema = layout.schema
    several = "model" in table.names and "model" not in schema.features
    if schema.features and several:  # each of which may take other columns
        schema = layout.plain
    in_order = filter(None, (schema.time, schema.group)) if schema.window else ()
    hint = "the model takes columns of these names" if schema.features else "name columns of the file"
    found = roles(table, schema, (*layout.named, *in_order), hint)
    if not found.values:
        only = listed(table.names)
        raise unfit(table.shown, f"has no column with numbers of the sequence, only {only}", "add some")
    if found.left_out:
        remark(f"skipped {listed(found.left_out)}, which the model does not take")
    return found


def _event(block: Block, row: int, record: Record, schema: Schema) -> Record:
    """An object with the field names of an event, and without the label."""
    for name in (LABEL, schema.label, *schema.exclude):
        record.pop(name, None)
    if "id" in record:
        record["event_id"] = record.pop("id")
    if schema.group and schema.group in record:
        record["sensor"] = str(record.pop(schema.group))
    name = schema.time if schema.time in record and schema.time else "timestamp"
    if name != "timestamp" or isinstance(record.get(name), str):
        try:
            record["timestamp"] = milliseconds(record.pop(name), schema.time_format)
        except ValueError as error:
            raise fault(f"{block.place(row)}, column {quoted(name)}", str(error)) from error
    return record


class RowEvents:
    """Makes events of the rows of blocks."""

    def __init__(self, found: Roles, schema: Schema) -> None:
        self._roles = found
        self._schema = schema
        self._reader: RowReader | None = None

    @property
    def dropped(self) -> int:
        """The number of skipped rows."""
        return self._reader.gaps.dropped if self._reader else 0

    def of(self, block: Block) -> Placed:
        """The rows of a block as events.

        Raises:
            NrtiError: a row cannot be an event; the events before it are yielded first.
        """
        try:
            return iter(self._events(block))
        except NrtiError:
            return chain.from_iterable(self._events(block.row(row)) for row in range(block.rows))

    def _events(self, block: Block) -> list[tuple[Record, Callable[[], str]]]:
        # Objects that are events need neither Arrow nor numpy, whose import takes longer than everything
        # else.
        from nrti_cli.tables import numbers
        from nrti_cli.tables.rows import RowReader

        if self._reader is None:
            self._reader = RowReader(self._roles, self._schema, complete=True)
        name, *others = self._roles.values
        if not others and numbers.holds_lists(block, name):
            rows, data = self._reader.without_values(block), numbers.lists(block, name)
        else:
            rows = self._reader.read(block)
            data = numbers.sequences(rows.values)
        events: list[Record] = [{SEQUENCE: values} for values in data]
        for column, field in self._roles.fields.items():
            for event, value in zip(events, _field(block, rows, column, field), strict=True):
                event[field] = value
        places = (place_in(block, row) for row in rows.numbers.tolist())
        return list(zip(events, places, strict=True))


def _field(block: Block, rows: Rows, column: str, field: str) -> list[Any]:
    """The values of a column for a field of the events."""
    from nrti_cli.tables.groups import groups

    if field == "timestamp" and rows.times is not None:
        times: list[int] = rows.times.tolist()
        return times
    found = rows.groups if field == "sensor" else None
    return (found or groups(block, column).taken(rows.numbers)).of_rows()

"""Events from the rows of a table."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain
from typing import TYPE_CHECKING, Any

from nrti_cli.errors import NrtiError
from nrti_cli.tables.blocks import Block, Table
from nrti_cli.tables.faults import fault, listed, quoted, unfit
from nrti_cli.tables.layout import Layout
from nrti_cli.tables.roles import Roles, roles
from nrti_cli.tables.schema import LABEL, Schema
from nrti_cli.tables.times import milliseconds

if TYPE_CHECKING:
    from nrti_cli.tables.rows import RowReader, Rows

#: The field of an event that holds the whole sequence.
SEQUENCE = "data"

Record = dict[str, Any]
Remark = Callable[[str], None]
#: The rows of a table as events, each with the place where it stands.
Placed = Iterator[tuple[Record, Callable[[], str]]]


def holds_events(table: Table, layout: Layout) -> bool:
    """Whether the rows of a table are events as they are: objects that hold a sequence as `data`."""
    return table.objects and SEQUENCE in table.names and not layout.cuts


def events_of(table: Table, layout: Layout, remark: Remark) -> Placed:
    """The rows of a table as events, as far as they say what belongs to one.

    Objects that hold `data` are events as they are. In other rows the values are found by their names, if it
    is known what the model takes; otherwise every column is one but for the fields of an event and the label.

    Args:
        table: opened.
        layout: what its columns are.
        remark: hears what was left out.

    Raises:
        NrtiError: a row cannot be an event; those before it come first.
    """
    if holds_events(table, layout):
        for block in table.blocks:
            for row, record in enumerate(block.records or ()):
                yield _event(block, row, record, layout.schema), _place(block, row)
        return
    rows = RowEvents(roles_of(table, layout, remark), layout.schema)
    for block in table.blocks:
        yield from rows.of(block)
    if rows.dropped:
        remark(f"{table.shown}: left out {rows.dropped:,} rows in which values are missing")


def _place(block: Block, row: int) -> Callable[[], str]:
    return lambda: block.place(row)


def roles_of(table: Table, layout: Layout, remark: Remark) -> Roles:
    """What the columns of a table are; those that are nothing are remarked.

    Raises:
        NrtiError: a column is missing, or none holds values.
    """
    schema = layout.schema
    several = "model" in table.names and "model" not in schema.features
    if schema.features and several:  # of which each may take other columns
        schema = layout.plain
    in_order = filter(None, (schema.time, schema.group)) if schema.window else ()
    hint = "the model takes columns of these names" if schema.features else "name columns of the file"
    found = roles(table, schema, (*layout.named, *in_order), hint)
    if not found.values:
        only = listed(table.names)
        raise unfit(table.shown, f"has no column with numbers of the sequence, only {only}", "add some")
    if found.left_out:
        remark(f"{table.shown}: left out {listed(found.left_out)}, which the model does not take")
    return found


def _event(block: Block, row: int, record: Record, schema: Schema) -> Record:
    """An object with the names that an event has for its fields, and without the label."""
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
        """How many rows were left out."""
        return self._reader.gaps.dropped if self._reader else 0

    def of(self, block: Block) -> Placed:
        """The rows of a block as events.

        Raises:
            NrtiError: a row cannot be one; those before it come first.
        """
        try:
            return iter(self._events(block))
        except NrtiError:
            return chain.from_iterable(self._events(block.row(row)) for row in range(block.rows))

    def _events(self, block: Block) -> list[tuple[Record, Callable[[], str]]]:
        # Objects that are events do without Arrow and numpy, which take longer to load than all else.
        from nrti_cli.tables import numbers

        names = self._roles.values
        if len(names) == 1 and numbers.holds_lists(block, names[0]):
            return self._with_fields(block, None, numbers.lists(block, names[0]))
        rows = self._rows(block)
        return self._with_fields(block, rows, numbers.sequences(rows.values))

    def _rows(self, block: Block) -> Rows:
        from nrti_cli.tables.rows import RowReader

        if self._reader is None:
            self._reader = RowReader(self._roles, self._schema, complete=True)
        return self._reader.read(block)

    def _with_fields(
        self, block: Block, rows: Rows | None, data: list[list[float]]
    ) -> list[tuple[Record, Callable[[], str]]]:
        numbers = range(block.rows) if rows is None else rows.numbers.tolist()
        events: list[Record] = [{SEQUENCE: values} for values in data]
        for column, field in self._roles.fields.items():
            values = _field(block, column, field, self._schema)
            for event, number in zip(events, numbers, strict=True):
                event[field] = values[number]
        return [(event, _place(block, row)) for event, row in zip(events, numbers, strict=True)]


def _field(block: Block, column: str, field: str, schema: Schema) -> list[Any]:
    """The values that a column gives to a field of the events."""
    from nrti_cli.tables.groups import groups
    from nrti_cli.tables.times import times

    if field == "timestamp":
        found: list[int] = times(block, column, schema.time_format).tolist()
        return found
    return groups(block, column).of_rows()

"""Events from the rows of a table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any

from nrti_cli.errors import NrtiError
from nrti_cli.tables.blocks import Block, Table
from nrti_cli.tables.faults import fault, listed, unfit
from nrti_cli.tables.roles import FIELDS, LABEL, value_columns
from nrti_cli.tables.times import milliseconds

#: The field of an event that holds the whole sequence.
_SEQUENCE = "data"

Record = dict[str, Any]


def events_of(table: Table, block: Block) -> Iterator[Record]:
    """The rows of a block as events, as far as they say what belongs to one.

    Objects that hold `data` are events as they are. In other rows every column is a value of the sequence,
    but for the fields of an event and the label.

    Raises:
        NrtiError: a row cannot be an event; those before it come first.
    """
    if block.records is not None and _SEQUENCE in table.names:
        return (_event(block, row, record) for row, record in enumerate(block.records))
    values = value_columns(table.names)
    if not values:
        only = listed(table.names)
        raise unfit(table.shown, f"has no column with numbers of the sequence, only {only}", "add some")
    fields = [name for name in table.names if name in FIELDS]
    try:
        return iter(_rows(block, values, fields))
    except NrtiError:
        return chain.from_iterable(_rows(block.row(row), values, fields) for row in range(block.rows))


def _event(block: Block, row: int, record: Record) -> Record:
    """An object with the names that an event has for its fields, and without the label."""
    record.pop(LABEL, None)
    if "id" in record:
        record["event_id"] = record.pop("id")
    if isinstance(time := record.get("timestamp"), str):
        record["timestamp"] = _time(block, row, time)
    return record


def _rows(block: Block, values: Sequence[str], fields: Sequence[str]) -> list[Record]:
    # Objects that are events do without Arrow and numpy, which take longer to load than all else.
    from nrti_cli.tables.numbers import sequences

    parts = [_field(block, name) for name in fields]
    events: list[Record] = [{_SEQUENCE: data} for data in sequences(block, values)]
    for field, column in parts:
        for event, value in zip(events, column, strict=True):
            event[field] = value
    return events


def _field(block: Block, name: str) -> tuple[str, list[Any]]:
    """The field that a column gives to the events, and its values."""
    import pyarrow as pa

    from nrti_cli.tables.numbers import require_all

    require_all(block, name)
    column, field = block.columns[name], FIELDS[name]
    if field != "timestamp":
        return field, [str(value) for value in column.to_pylist()]
    if pa.types.is_timestamp(column.type):
        column = column.cast(pa.timestamp("ms", column.type.tz), safe=False)
    return field, [_time(block, row, value) for row, value in enumerate(column.to_pylist())]


def _time(block: Block, row: int, value: object) -> int:
    try:
        return milliseconds(value)
    except ValueError as error:
        raise fault(f"{block.place(row)}, column 'timestamp'", str(error)) from error

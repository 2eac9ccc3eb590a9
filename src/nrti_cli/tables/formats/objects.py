"""JSON: one object per line, or an array of objects."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain

from nrti_cli.errors import NrtiError
from nrti_cli.tables.faults import fault
from nrti_cli.tables.formats.array import objects_of_array
from nrti_cli.tables.formats.blocks import Block, Column, Table
from nrti_cli.tables.formats.json_text import Numbered, Record, not_json, refuse_constant
from nrti_cli.tables.formats.lines import Lines, decoded, whole_lines

_DECODER = json.JSONDecoder(parse_constant=refuse_constant)


def read_lines(shown: str, chunks: Iterator[bytes]) -> Table:
    """A table of JSON lines; empty lines are ignored.

    Raises:
        NrtiError: a line is something else; also while its blocks are read.
    """
    blocks = whole_lines(shown, chunks, quotes=False)
    return _table(shown, chain.from_iterable(_objects(shown, lines) for lines in blocks))


def read_array(shown: str, chunks: Iterator[bytes]) -> Table:
    """A table of an array of objects, which is parsed incrementally.

    Raises:
        NrtiError: it is something else; also while its blocks are read.
    """
    return _table(shown, objects_of_array(shown, chunks))


def _table(shown: str, found: Iterator[list[Numbered]]) -> Table:
    """A table with the columns of its first object."""
    filled = filter(None, found)
    first = next(filled, [])
    names = tuple(first[0][1]) if first else ()
    blocks = (_block(shown, names, numbered) for numbered in chain([first] if first else [], filled))
    return Table(shown, names, blocks, objects=True)


def _block(shown: str, names: tuple[str, ...], numbered: Sequence[Numbered]) -> Block:
    records = [record for _, record in numbered]
    return Block(
        _Columns(names, records), len(records), lambda row: f"{shown}, line {numbered[row][0]}", records
    )


class _Columns(Mapping[str, Column]):
    """The columns of objects, each created on demand; a missing field is a missing value."""

    def __init__(self, names: tuple[str, ...], records: Sequence[Record]) -> None:
        self._names = names
        self._records = records

    def __getitem__(self, name: str) -> Column:
        import pyarrow as pa

        values = [record.get(name) for record in self._records]
        try:
            return pa.array(values)
        except (pa.ArrowException, OverflowError):  # they are of several types
            return pa.array(
                [each if each is None or isinstance(each, str) else json.dumps(each) for each in values]
            )

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


def _objects(shown: str, lines: Lines) -> Iterator[list[Numbered]]:
    """The objects of some lines; those before a fault are yielded before its error."""
    found: list[Numbered] = []
    for number, line in enumerate(lines.text.split(b"\n"), lines.first):
        if not line or line.isspace():
            continue
        try:
            record = _DECODER.decode(line.decode())
        except (ValueError, RecursionError) as error:
            yield found
            raise _refusal(shown, Lines(line, number), error) from error
        if not isinstance(record, dict):
            yield found
            hint = "write one object per line, or an array of objects"
            raise fault(f"{shown}, line {number}", "it is not a JSON object", hint)
        found.append((number, record))
    yield found


def _refusal(shown: str, line: Lines, error: ValueError | RecursionError) -> NrtiError:
    decoded(shown, line)
    return not_json(f"{shown}, line {line.first}", error)

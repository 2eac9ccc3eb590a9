"""CSV: text with separators, parsed by Arrow in blocks of whole lines."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice

import pyarrow as pa
import pyarrow.csv as pcsv

from nrti_cli.errors import NrtiError
from nrti_cli.tables.faults import fault
from nrti_cli.tables.formats.blocks import Block, Table
from nrti_cli.tables.formats.dialect import check_names, header, separator_of, split
from nrti_cli.tables.formats.form import BLANKS, Form
from nrti_cli.tables.formats.lines import Lines, decoded, rows, whole_lines

_ANY_BLANKS = re.compile(rb"[ \t]+")
_AT_THE_ENDS = re.compile(rb"(?m)^ | (?=\r?$)")


def read_csv(shown: str, chunks: Iterator[bytes], form: Form) -> Table:
    """A CSV table; only as much is read as its separator and its names require.

    Raises:
        NrtiError: it is not well-formed, or has no names; also while its blocks are read.
    """
    blocks = whole_lines(shown, chunks, quotes=True)
    start = next(blocks)
    while sum(1 for _ in islice(rows(start), 2)) < 2 and (more := next(blocks, None)):
        start = start._replace(text=start.text + more.text)
    first, *following = islice(rows(start), 2)
    first_lines = [decoded(shown, Lines(row.text, row.number)) for row in (first, *following)]
    separator = form.separator or separator_of(first_lines)
    top, *values = (split(line, separator) for line in first_lines)
    if form.header:
        check_names(shown, first.number, top, values[0] if values else None)
        names, start = header(top), start.after(first.end)
    else:
        names = [str(place) for place in range(1, len(top) + 1)]
    written = _Written(shown, separator, tuple(names))
    rest = filter(_is_filled, chain([start], blocks))
    found = chain.from_iterable(map(written.blocks, rest))
    return Table(shown, written.names, found, named=form.header)


def _is_filled(lines: Lines) -> bool:
    return bool(lines.text.strip())


@dataclass(frozen=True)
class _Written:
    """How the rows of a file are written."""

    shown: str
    separator: str
    names: tuple[str, ...]

    def blocks(self, lines: Lines) -> Iterator[Block]:
        """The rows of some lines; those before a fault are yielded before its error."""
        try:
            yield self._block(lines)
        except pa.ArrowInvalid:
            end, error = self._diagnosis(lines)
            if end:
                yield self._block(lines._replace(text=lines.text[:end]))
            raise error from None

    def _block(self, lines: Lines) -> Block:
        """Rows with all columns as text; empty values are missing."""
        text = self._single_blanks(lines.text) if self.separator == BLANKS else lines.text
        # Columns by their positions: names may be empty.
        places = [str(place) for place in range(len(self.names))]
        table = pcsv.read_csv(
            io.BytesIO(text),
            pcsv.ReadOptions(column_names=places, use_threads=False, block_size=len(text) + 1),
            pcsv.ParseOptions(delimiter=self.separator, newlines_in_values=True),
            pcsv.ConvertOptions(
                column_types=dict.fromkeys(places, pa.string()), null_values=[""], strings_can_be_null=True
            ),
        )
        (batch,) = table.combine_chunks().to_batches()
        columns = dict(zip(self.names, batch.columns, strict=True))
        return Block(columns, batch.num_rows, lambda row: self._place(lines, row))

    @staticmethod
    def _single_blanks(text: bytes) -> bytes:
        return _AT_THE_ENDS.sub(b"", _ANY_BLANKS.sub(b" ", text))

    def _place(self, lines: Lines, row: int) -> str:
        found = next(islice(rows(lines), row, None), None)
        return f"{self.shown}, line {found.number if found else lines.first}"

    def _diagnosis(self, lines: Lines) -> tuple[int, NrtiError]:
        """Where the lines end that Arrow accepts, and what is wrong with the next one."""
        end = 0
        for row in rows(lines):
            try:
                values = split(decoded(self.shown, Lines(row.text, row.number)), self.separator)
            except NrtiError as error:
                return end, error
            if len(values) != len(self.names):
                problem = f"{len(values)} values under {len(self.names)} columns"
                return end, fault(f"{self.shown}, line {row.number}", problem)
            end = row.end
        return 0, fault(f"{self.shown}, line {lines.first}", "from there on it is not CSV")

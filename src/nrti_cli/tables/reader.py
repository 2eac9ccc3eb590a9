"""The one reader of files with events or training data."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import BinaryIO, cast

from nrti_cli.tables.faults import unfit
from nrti_cli.tables.formats import inputs
from nrti_cli.tables.formats.blocks import Table
from nrti_cli.tables.formats.contents import PARQUET, Kind, recognised
from nrti_cli.tables.formats.form import FOUND, Form
from nrti_cli.tables.formats.inputs import Input


@contextmanager
def opened(name: str, form: Form = FOUND) -> Iterator[Table]:
    """Opens a table in a file, or on standard input if the name is `-`; the format is detected.

    CSV with any usual separator, JSON lines, a JSON array of objects, or parquet; text is UTF-8, or UTF-16 or
    UTF-32 with a byte order mark; all of them may be compressed by gzip.

    Args:
        name: of the file.
        form: the format of CSV, if it is not to be detected.

    Raises:
        NrtiError: it is none of these, or cannot be read; also while its blocks are read.
    """
    with inputs.opened(name) as source:
        kind, chunks = recognised(source.shown, source.chunks())
        with _opened(kind, source, chunks, form) as table:
            yield replace(table, share=source.share)


@contextmanager
def _opened(kind: Kind, source: Input, chunks: Iterator[bytes], form: Form) -> Iterator[Table]:
    """Imports the parser of the format on demand: importing Arrow takes longer than reading most files."""
    if kind is not Kind.CSV and form != FOUND:
        hint = "leave out --separator and --no-header"
        raise unfit(source.shown, f"is {kind.value}, which names its values", hint)
    if kind is Kind.PARQUET:
        from nrti_cli.tables.formats import parquet

        with _searchable(source, chunks) as file:
            yield parquet.read_parquet(source.shown, file)
    elif kind is Kind.CSV:
        from nrti_cli.tables.formats import delimited

        yield delimited.read_csv(source.shown, chunks, form)
    else:
        from nrti_cli.tables.formats import objects

        read = objects.read_lines if kind is Kind.JSON_LINES else objects.read_array
        yield read(source.shown, chunks)


@contextmanager
def _searchable(source: Input, chunks: Iterator[bytes]) -> Iterator[BinaryIO]:
    """The content as a seekable file, since parquet is read from its end."""
    if source.size is not None and os.pread(source.file.fileno(), len(PARQUET), 0) == PARQUET:
        yield source.file
        return
    with tempfile.TemporaryFile() as copy:
        copy.writelines(chunks)
        copy.seek(0)
        yield cast("BinaryIO", copy)

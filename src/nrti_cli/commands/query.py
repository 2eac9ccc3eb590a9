"""The command `nrti query`."""

import sys
from contextlib import AbstractContextManager, nullcontext
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO, Literal

import typer

from nrti_cli.commands.options.common import addressed
from nrti_cli.commands.output.execution import effort
from nrti_cli.console import print_dimmed, progress
from nrti_cli.errors import NrtiError, UsageError
from nrti_cli.streams import data_stream

if TYPE_CHECKING:
    from nrti_cli.athena.writers import FileFormat
    from nrti_cli.aws.athena import Execution
    from nrti_cli.aws.target import Target

Format = Literal["table", "csv", "json", "parquet"]

#: The name of standard input, and of stdout.
_STANDARD = "-"
_TABLE_ROWS = 100
_ENDINGS: dict[str, Format] = {
    ".csv": "csv",
    ".json": "json",
    ".jsonl": "json",
    ".ndjson": "json",
    ".parquet": "parquet",
}
#: Types whose values are right-aligned.
_NUMBERS = {"bigint", "integer", "smallint", "tinyint", "double", "float", "decimal"}


@addressed
def query(
    target: "Target",
    sql: Annotated[str | None, typer.Argument(help="The query; the table is called predictions.")] = None,
    *,
    file: Annotated[
        str | None,
        typer.Option("--file", metavar="FILE", help="Read the query from a file; - is standard input."),
    ] = None,
    format_: Annotated[
        Format | None,
        typer.Option("--format", help="Output format; default: table, or by the suffix of --output."),
    ] = None,
    output: Annotated[
        str | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="Write to a file, completely or not at all; an existing file is replaced. - is stdout.",
        ),
    ] = None,
    max_rows: Annotated[
        int | None,
        typer.Option(
            min=1, max=10**12, help=f"Maximum number of rows; default {_TABLE_ROWS} for a table, else all."
        ),
    ] = None,
) -> None:
    """Query the lake in Athena's SQL."""
    from nrti_cli.athena.statement import require_reading

    text = _sql(sql, file)
    require_reading(text)
    place = None if output in {None, _STANDARD} else Path(output)
    chosen = _format(format_, place)
    with _destination(place) as destination:
        execution = _run(target, text, chosen)
        if chosen == "table":
            count, more = _show(target, execution, max_rows or _TABLE_ROWS)
        else:
            count, more = _write(target, execution, destination, chosen, max_rows)
    _footer(execution, count, more=more, billed=target.name == "aws")


def _run(target: "Target", text: str, format_: "Format") -> "Execution":
    from nrti_cli.athena.rows import run

    with progress("Athena runs the query …"):
        return run(target, text, meanwhile=lambda: _load(format_))


def _load(format_: "Format") -> None:
    """Imports the modules for the output while Athena runs; the import takes as long as a small query."""
    import_module("nrti_cli.commands.output.rows" if format_ == "table" else "nrti_cli.athena.writers")


def _show(target: "Target", execution: "Execution", limit: int) -> tuple[int, bool]:
    """Prints the first rows; returns their number, and whether there are more."""
    from nrti_cli.athena.head import head
    from nrti_cli.commands.output.rows import Head, show_table

    found = head(target, execution, limit)
    heads = [Head(column.name, number=column.type in _NUMBERS) for column in found.columns]
    show_table(heads, found.rows, cut=True)
    return len(found.rows), found.more


def _write(
    target: "Target", execution: "Execution", file: BinaryIO, format_: "FileFormat", limit: int | None
) -> tuple[int, bool]:
    """Writes the rows; returns their number, and whether there are more."""
    from nrti_cli.athena.result import Limited, open_result
    from nrti_cli.athena.writers import write

    result = open_result(target, execution)
    rows = Limited(result.batches, limit)
    write(file, format_, rows, result)
    return rows.count, rows.more


def _sql(sql: str | None, file: str | None) -> str:
    if (sql is None) == (file is None):
        raise UsageError(
            "there is no query: write one, or use --file", hint='nrti query "select * from predictions"'
        )
    return _read(file) if file else (sql or "").removeprefix("\ufeff")


def _read(file: str) -> str:
    from nrti_cli.athena.statement import decoded

    shown = "standard input" if file == _STANDARD else file
    try:
        return decoded(sys.stdin.buffer.read() if file == _STANDARD else Path(file).read_bytes())
    except OSError as error:
        raise NrtiError(f"{shown} cannot be read ({error.strerror})", hint="use a readable file") from error
    except UnicodeError as error:
        raise NrtiError(f"{shown} is not UTF-8 text", hint="convert it") from error


def _format(wanted: "Format | None", output: Path | None) -> "Format":
    chosen = wanted or ("table" if output is None else _ENDINGS.get(output.suffix.lower()))
    if chosen is None:
        raise UsageError(
            f"{output}: the suffix is not that of a format", hint="add --format csv, json or parquet"
        )
    if chosen == "table" and output is not None:
        raise UsageError("--format table is for the screen", hint="write csv, json or parquet with --output")
    if chosen == "parquet" and output is None and sys.stdout.isatty():
        raise UsageError("parquet cannot be printed on a terminal", hint="name a file with --output")
    return chosen


def _destination(output: Path | None) -> "AbstractContextManager[BinaryIO]":
    if output is None:
        return nullcontext(data_stream())
    from nrti_cli.athena.replacing import replacing

    return replacing(output)


def _footer(execution: "Execution", count: int, *, more: bool, billed: bool) -> None:
    rows = f"{count:,} row{'' if count == 1 else 's'}"
    shown = f"the first {rows}, there are more (--max-rows)" if more else rows
    print_dimmed(f"{shown} · {effort(execution, billed=billed)}")

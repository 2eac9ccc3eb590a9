"""The command `nrti query`."""

import sys
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO, Literal, Optional

import typer

from nrti_cli.commands.options import addressed
from nrti_cli.console import note, out, progress
from nrti_cli.errors import NrtiError, UsageError

if TYPE_CHECKING:
    from rich.text import Text

    from nrti_cli.athena.result import Limited
    from nrti_cli.aws.athena import Column, Execution
    from nrti_cli.aws.target import Target

Format = Literal["table", "csv", "json", "parquet"]

_TABLE_ROWS = 100
#: Characters between two columns, and how few a column may be cut to before records are shown instead.
_GAP = 3
_NARROWEST = 10
_ENDINGS: dict[str, Format] = {
    ".csv": "csv",
    ".json": "json",
    ".jsonl": "json",
    ".ndjson": "json",
    ".parquet": "parquet",
}
_NUMBERS = {"bigint", "integer", "smallint", "tinyint", "double", "float", "decimal"}
#: What Athena charges: 5 USD per terabyte, and each query at least 10 MB.
_DOLLARS_PER_BYTE = 5 / 1e12
_TEN_MEGABYTES = 10_000_000


@addressed
def query(
    target: "Target",
    sql: Annotated[Optional[str], typer.Argument(help="The query; the table is called predictions.")] = None,  # noqa: UP045
    *,
    file: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option("--file", help="Read the query from a file; - is standard input."),
    ] = None,
    format_: Annotated[
        Optional[Format],  # noqa: UP045
        typer.Option("--format", help="table, or what the ending of --output says."),
    ] = None,
    output: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option("--output", "-o", help="Write to a file, all of it or nothing."),
    ] = None,
    max_rows: Annotated[
        Optional[int],  # noqa: UP045
        typer.Option(min=1, help=f"How many rows at most; {_TABLE_ROWS} for a table, else all."),
    ] = None,
) -> None:
    """Ask the lake a question in Athena's SQL."""
    text = _sql(sql, file)
    chosen = _format(format_, output)
    from nrti_cli.athena.result import Limited
    from nrti_cli.athena.result import query as run
    from nrti_cli.athena.writers import write
    from nrti_cli.stack.outputs import outputs

    stack = outputs(target)
    limit = max_rows or (_TABLE_ROWS if chosen == "table" else None)
    with _destination(output) as destination:
        with progress("Athena runs the query …"):
            result = run(target, text, workgroup=stack.workgroup, database=stack.database)
        rows = Limited(result.batches, limit)
        if chosen == "table":
            _show(result.columns, rows)
        else:
            write(destination, chosen, rows, result)
    _footer(result.execution, rows, billed=target.name == "aws")


def _sql(sql: str | None, file: Path | None) -> str:
    if (sql is None) == (file is None):
        raise UsageError("say what to ask: a query, or --file", hint='nrti query "select * from predictions"')
    text = sql if file is None else _read(file)
    if not text or not text.strip():
        raise UsageError("the query is empty")
    return text


def _read(file: Path) -> str:
    try:
        return sys.stdin.read() if str(file) == "-" else file.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise NrtiError(f"cannot read {file}: {getattr(error, 'strerror', None) or error}") from error


def _format(wanted: "Format | None", output: Path | None) -> "Format":
    chosen = wanted or ("table" if output is None else _ENDINGS.get(output.suffix.lower()))
    if chosen is None:
        raise UsageError(f"{output} does not tell its format", hint="add --format csv, json or parquet")
    if chosen == "table" and output is not None:
        raise UsageError("a table is for the screen", hint="write csv, json or parquet with --output")
    if chosen == "parquet" and output is None and sys.stdout.isatty():
        raise UsageError("parquet is not for a terminal", hint="name a file with --output")
    return chosen


def _destination(output: Path | None) -> "AbstractContextManager[BinaryIO]":
    from nrti_cli.athena.writers import replacing

    return nullcontext(sys.stdout.buffer) if output is None else replacing(output)


def _show(columns: "list[Column]", rows: "Limited") -> None:
    """A table, or a list of records where the terminal is too narrow for one."""
    lines = [
        [_cell(value) for value in values]
        for batch in rows
        for values in zip(*(array.to_pylist() for array in batch.columns), strict=True)
    ]
    if not columns:
        return
    widest = [
        max(len(column.name), *(line[index].cell_len for line in lines), 1)
        for index, column in enumerate(columns)
    ]
    if not out().is_terminal:
        out().width = sum(widest) + _GAP * len(columns)
    room = out().width - _GAP * len(columns)
    cap = next((cap for cap in range(max(widest), 0, -1) if sum(min(w, cap) for w in widest) <= room), 0)
    if cap < min(_NARROWEST, max(widest)):
        _show_records(columns, lines)
    else:
        _show_table(columns, lines, cap)


def _show_table(columns: "list[Column]", lines: "list[list[Text]]", cap: int) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for column in columns:
        side: Literal["left", "right"] = "right" if column.type in _NUMBERS else "left"
        table.add_column(Text(column.name), justify=side, no_wrap=True, overflow="ellipsis", max_width=cap)
    for line in lines:
        table.add_row(*line)
    out().print(table)


def _show_records(columns: "list[Column]", lines: "list[list[Text]]") -> None:
    from rich.text import Text

    indent = max(len(column.name) for column in columns)
    for number, line in enumerate(lines, start=1):
        out().rule(f"row {number}", align="left", style="dim")
        for column, cell in zip(columns, line, strict=True):
            record = Text.assemble((f"{column.name:>{indent}}  ", "bold"), cell)
            out().print(record, no_wrap=True, overflow="ellipsis")


def _cell(value: Any) -> "Text":
    from rich.text import Text

    if value is None:
        return Text("NULL", style="dim")
    if isinstance(value, bool):
        return Text(str(value).lower())
    if isinstance(value, datetime):
        return Text(value.isoformat(" ", "milliseconds"))
    return Text(" ".join(str(value).splitlines()))


def _footer(execution: "Execution", rows: "Limited", *, billed: bool) -> None:
    count = f"{rows.count:,} row{'' if rows.count == 1 else 's'}"
    parts = [
        f"the first {count}, there are more (--max-rows)" if rows.more else count,
        f"{execution.milliseconds / 1000:.2f} s",
        f"{_size(execution.scanned)} scanned",
    ]
    if billed and execution.is_query:
        parts.append(f"about ${max(execution.scanned, _TEN_MEGABYTES) * _DOLLARS_PER_BYTE:.5f}")
    note(f"[dim]{' · '.join(parts)}[/dim]")


def _size(count: int) -> str:
    amount = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if amount < 1000:
            return f"{amount:.0f} {unit}" if unit == "B" else f"{amount:.1f} {unit}"
        amount /= 1000
    return f"{amount:.2f} TB"

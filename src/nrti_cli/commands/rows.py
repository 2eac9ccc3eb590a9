"""Rows of text on a screen: a table, or a list of records where the terminal is too narrow for one."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from nrti_cli.console import out

if TYPE_CHECKING:
    from nrti_cli.aws.athena import Column

#: Characters between two columns, and how few a column may be cut to before records are shown instead.
_GAP = 3
_NARROWEST = 10
_NUMBERS = {"bigint", "integer", "smallint", "tinyint", "double", "float", "decimal"}


def show_rows(columns: "Sequence[Column]", rows: Sequence[Sequence[str | None]]) -> None:
    """Prints the rows, None as NULL; where nobody looks at a terminal, in their full width."""
    if not columns:
        return
    lines = [[_cell(value) for value in row] for row in rows]
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


def _show_table(columns: "Sequence[Column]", lines: list[list[Text]], cap: int) -> None:
    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for column in columns:
        side: Literal["left", "right"] = "right" if column.type in _NUMBERS else "left"
        table.add_column(Text(column.name), justify=side, no_wrap=True, overflow="ellipsis", max_width=cap)
    for line in lines:
        table.add_row(*line)
    out().print(table)


def _show_records(columns: "Sequence[Column]", lines: list[list[Text]]) -> None:
    indent = max(len(column.name) for column in columns)
    for number, line in enumerate(lines, start=1):
        out().rule(f"row {number}", align="left", style="dim")
        for column, cell in zip(columns, line, strict=True):
            record = Text.assemble((f"{column.name:>{indent}}  ", "bold"), cell)
            out().print(record, no_wrap=True, overflow="ellipsis")


def _cell(value: str | None) -> Text:
    return Text("NULL", style="dim") if value is None else Text(" ".join(value.splitlines()))

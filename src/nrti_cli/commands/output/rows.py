"""Prints rows as a table, or as records if the terminal is too narrow."""

from collections.abc import Sequence
from typing import Literal, NamedTuple

from rich.box import Box
from rich.table import Table
from rich.text import Text

from nrti_cli.characters import printable
from nrti_cli.console import out

#: The gap between columns, and the minimum width of a column before records are printed instead.
_GAP = 2
_NARROWEST = 10
#: A rule below the heads and one above the totals, and nothing else.
_RULED = "    \n    \n ── \n    \n    \n ── \n    \n    \n"

Cell = str | Text | None


class Head(NamedTuple):
    """The head of a column; numbers are right-aligned."""

    name: str
    number: bool = False


def show_table(
    heads: Sequence[Head],
    rows: Sequence[Sequence[Cell]],
    *,
    title: str = "",
    sums: Sequence[str] = (),
    cut: bool = False,
) -> None:
    """Prints rows as wide as the terminal, or in full width if stdout is not a terminal.

    Args:
        heads: of the columns; nothing is printed without heads.
        rows: the cells; None is shown as NULL.
        title: a line above the heads.
        sums: a last row, set off from the others.
        cut: truncates long cells, so that each row is one line; otherwise they wrap.
    """
    if not heads:
        return
    lines = [[_cell(value) for value in row] for row in rows]
    total = [_cell(value) for value in sums]
    widths = [
        max(len(head.name), 1, *(line[index].cell_len for line in [*lines, total] if line))
        for index, head in enumerate(heads)
    ]
    if not out().is_terminal:
        out().width = sum(widths) + _GAP * len(widths)
    cap = _cap(widths, out().width - _GAP * (len(widths) - 1))
    if title:
        out().print(title, soft_wrap=True)
    if cap < min(_NARROWEST, max(widths)):
        show_records(heads, [*lines, total] if total else lines)
    else:
        table = _table(heads, total, cap, cut=cut)
        for line in lines:
            table.add_row(*line)
        out().print(table)


def _cap(widths: Sequence[int], room: int) -> int:
    """The maximum width of a column so that all columns fit; 0 if they cannot."""
    return next((cap for cap in range(max(widths), 0, -1) if sum(min(w, cap) for w in widths) <= room), 0)


def _table(heads: Sequence[Head], total: Sequence[Text], cap: int, *, cut: bool) -> Table:
    utf = out().encoding.startswith("utf")
    box = Box(_RULED if utf else _RULED.replace("─", "-"), ascii=not utf)
    table = Table(box=box, padding=(0, 1, 0, 0), pad_edge=False, show_edge=False, show_footer=bool(total))
    for index, head in enumerate(heads):
        side: Literal["left", "right"] = "right" if head.number else "left"
        table.add_column(
            Text(printable(head.name)),
            footer=total[index] if total else "",
            justify=side,
            no_wrap=cut or head.number,
            overflow="ellipsis" if cut else "fold",
            max_width=cap,
        )
    return table


def show_records(heads: Sequence[Head], rows: Sequence[Sequence[Cell]]) -> None:
    """Prints each row as a record, with a line for each cell."""
    indent = max(len(head.name) for head in heads)
    for number, row in enumerate(rows, start=1):
        out().rule(f"row {number}", align="left", style="dim")
        for head, value in zip(heads, row, strict=True):
            record = Text.assemble((f"{printable(head.name):>{indent}}  ", "bold"), _cell(value))
            out().print(record, no_wrap=True, overflow="ellipsis")


def _cell(value: Cell) -> Text:
    if isinstance(value, Text):
        return value
    return Text("NULL", style="dim") if value is None else Text(printable(" ".join(value.splitlines())))

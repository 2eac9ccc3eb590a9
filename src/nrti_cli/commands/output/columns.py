"""Prints lines in columns one by one, in the style of the tables of `rows`, without importing rich."""

import sys
from collections.abc import Sequence

from nrti_cli.characters import printable
from nrti_cli.console import styled

GAP = "  "


class Columns:
    """Lays out lines under column heads.

    Args:
        heads: of the columns.
        widths: of the columns, in characters.
        right: indexes of the right-aligned columns.
        cut: truncates cells that are too long; otherwise they shift the rest of the line.
    """

    def __init__(
        self, heads: Sequence[str], widths: Sequence[int], right: Sequence[int], *, cut: bool
    ) -> None:
        self._heads = heads
        self._widths = widths
        self._right = frozenset(right)
        self._cut = cut

    @property
    def width(self) -> int:
        """The width of a line in characters."""
        return sum(self._widths) + len(GAP) * (len(self._widths) - 1)

    def show_heads(self) -> None:
        """Prints the heads, with a rule below."""
        print(styled(sys.stdout, self.line(self._heads), bold=True))
        print("─" * self.width, flush=True)

    def line(self, cells: Sequence[str]) -> str:
        """Formats one line."""
        fitted = (
            self._fit(printable(" ".join(cell.splitlines())), width, right=index in self._right)
            for index, (cell, width) in enumerate(zip(cells, self._widths, strict=True))
        )
        return GAP.join(fitted).rstrip()

    def _fit(self, cell: str, width: int, *, right: bool) -> str:
        """Pads a cell or truncates it; wide characters count twice."""
        if not cell.isascii() or (len(cell) > width and self._cut):
            from rich.cells import cell_len, set_cell_size

            if cell_len(cell) > width and self._cut:
                return set_cell_size(cell, width - 1) + "…"
            width -= cell_len(cell) - len(cell)
        return cell.rjust(width) if right else cell.ljust(width)

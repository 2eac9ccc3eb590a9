"""Lines in columns, printed one by one: they look like the tables of `rows`, and do without rich."""

import sys
from collections.abc import Sequence

from nrti_cli.characters import printable
from nrti_cli.console import styled

GAP = "  "


class Columns:
    """Lays out lines under heads.

    Args:
        heads: of the columns.
        widths: of the columns in characters.
        right: the numbers of the columns whose cells stand at the right.
        cut: cuts what is too long; else it moves what follows.
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
        """Characters of a line."""
        return sum(self._widths) + len(GAP) * (len(self._widths) - 1)

    def show_heads(self) -> None:
        """Prints the heads, with a line below."""
        print(styled(sys.stdout, self.line(self._heads), bold=True))
        print("─" * self.width, flush=True)

    def line(self, cells: Sequence[str]) -> str:
        """A line of cells."""
        fitted = (
            self._fit(printable(" ".join(cell.splitlines())), width, right=index in self._right)
            for index, (cell, width) in enumerate(zip(cells, self._widths, strict=True))
        )
        return GAP.join(fitted).rstrip()

    def _fit(self, cell: str, width: int, *, right: bool) -> str:
        """Fills up with blanks, or cuts; a wide character counts twice."""
        if not cell.isascii() or (len(cell) > width and self._cut):
            from rich.cells import cell_len, set_cell_size

            if cell_len(cell) > width and self._cut:
                return set_cell_size(cell, width - 1) + "…"
            width -= cell_len(cell) - len(cell)
        return cell.rjust(width) if right else cell.ljust(width)

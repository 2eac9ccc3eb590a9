"""Charts as SVG text: axes, lines and points, without a library or a script in the page."""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    Point = tuple[float, float]

_WIDTH, _HEIGHT = 420, 300
_LEFT, _RIGHT, _TOP, _BOTTOM = 48, 12, 12, 40


@dataclass
class Chart:
    """A chart with a y axis from 0 to 1.

    Attributes:
        x: label of the x axis.
        y: label of the y axis.
        ends: of the x axis.
        ticks: positions and labels on the x axis.
        width: in pixels.
    """

    x: str
    y: str
    ends: tuple[float, float] = (0.0, 1.0)
    ticks: Sequence[tuple[float, str]] = ((0, "0"), (0.5, "0.5"), (1, "1"))
    width: int = _WIDTH
    _marks: list[str] = field(default_factory=list)

    def line(self, points: Iterable[Point], style: str) -> None:
        """Draws a line through points; the style is a CSS class of the page."""
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in map(self._place, points))
        self._marks.append(f'<polyline class="{style}" points="{path}"/>')

    def dots(self, points: Iterable[Point], style: str, radius: float = 2) -> None:
        """Draws points."""
        for x, y in map(self._place, points):
            self._marks.append(f'<circle class="{style}" cx="{x:.1f}" cy="{y:.1f}" r="{radius}"/>')

    def svg(self, title: str) -> str:
        """The chart as SVG; the title is for screen readers."""
        axes = [
            f'<svg viewBox="0 0 {self.width} {_HEIGHT}" role="img" aria-label="{escape(title)}">',
            *(self._text(*self._place((self.ends[0], y)), f"{y:g}", "end", -6, 4) for y in (0, 0.5, 1)),
            *(self._text(*self._place((x, 0)), text, self._anchor(x), 0, 16) for x, text in self.ticks),
            self._text(_LEFT + self._across / 2, _HEIGHT, self.x, "middle", 0, -6),
            f'<g transform="translate(12 {_TOP + self._down / 2}) rotate(-90)">',
            self._text(0, 0, self.y, "middle", 0, 0),
            "</g>",
            f'<rect class="frame" x="{_LEFT}" y="{_TOP}" width="{self._across}" height="{self._down}"/>',
        ]
        return "\n".join([*axes, *self._marks, "</svg>"])

    @property
    def _across(self) -> float:
        return self.width - _LEFT - _RIGHT

    @property
    def _down(self) -> float:
        return _HEIGHT - _TOP - _BOTTOM

    def _place(self, point: Point) -> Point:
        x, y = point
        first, last = self.ends
        share = (x - first) / (last - first) if last > first else 0.5
        return _LEFT + share * self._across, _TOP + (1 - y) * self._down

    def _anchor(self, x: float) -> str:
        return "end" if x == self.ends[1] else "middle"

    @staticmethod
    def _text(x: float, y: float, text: str, anchor: str, right: float, below: float) -> str:
        place = f'x="{x + right:.1f}" y="{y + below:.1f}"'
        return f'<text {place} text-anchor="{anchor}">{escape(text)}</text>'

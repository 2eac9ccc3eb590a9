"""Recognizes repeated predictions: after a kill, the embedded AWS delivers the last ones again."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nrti_cli.tail import Brief

#: A generation of predictions ends after so many milliseconds, or so many predictions: the most that a set
#: holds without quadrupling its table to 2 MB.
_SPAN, _MOST = 120_000, 19_000
#: The older generations that are remembered.
_OLDER = 2


class Recent:
    """The predictions of the last minutes, as hashes: the newest in a set, the older ones sorted."""

    def __init__(self) -> None:
        self._newest: set[int] = set()
        self._older: deque[array[int]] = deque(maxlen=_OLDER)
        #: When the first prediction of the newest generation was made.
        self._began = 0

    def has(self, found: Brief) -> bool:
        """Whether a prediction came in already; from now on it has."""
        if found.predicted_at - self._began > _SPAN or len(self._newest) >= _MOST:
            self._older.append(array("q", sorted(self._newest)))
            self._newest, self._began = set(), found.predicted_at
        place = hash((found.sensor, found.key))
        if place in self._newest:
            return True
        self._newest.add(place)
        return any(_holds(generation, place) for generation in self._older)


def _holds(ordered: array[int], number: int) -> bool:
    at = bisect_left(ordered, number)
    return at < len(ordered) and ordered[at] == number

"""Which predictions came in lately: an embedded AWS that was killed brings its last ones again."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nrti_cli.tail import Brief

#: A generation of predictions ends after so many milliseconds, or so many predictions.
_SPAN, _MOST = 120_000, 19_000
#: The older generations that are remembered.
_OLDER = 2


class Recent:
    """The predictions of the last minutes, as sorted hashes of 8 bytes.

    A set is no faster, but has an object for each hash. Those leave gaps in the memory when they go, and the
    process grows.
    """

    def __init__(self) -> None:
        self._newest = array("q")
        self._older: deque[array[int]] = deque(maxlen=_OLDER)
        #: When the first prediction of the newest generation was made.
        self._began = 0

    def has(self, found: Brief) -> bool:
        """Whether a prediction came in already; from now on it has."""
        if found.predicted_at - self._began > _SPAN or len(self._newest) >= _MOST:
            self._older.append(self._newest)
            self._newest, self._began = array("q"), found.predicted_at
        number = hash((found.sensor, found.key))
        place, is_known = _place(self._newest, number)
        if not is_known:
            self._newest.insert(place, number)
        return is_known or any(_place(generation, number)[1] for generation in self._older)


def _place(ordered: array[int], number: int) -> tuple[int, bool]:
    """Where a number belongs, and whether it is there."""
    place = bisect_left(ordered, number)
    return place, place < len(ordered) and ordered[place] == number

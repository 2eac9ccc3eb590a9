"""Which predictions came in lately: an embedded AWS that was killed brings its last ones again."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nrti_cli.tail import Brief

#: How long a prediction is remembered at least, in milliseconds, and how many are at most.
_REMEMBERED, _MOST = 120_000, 50_000


class Recent:
    """The predictions of the last minutes, as hashes in two sets; at times the older one is dropped."""

    def __init__(self) -> None:
        self._newer: set[int] = set()
        self._older: set[int] = set()
        #: When the first prediction of the newer set was made.
        self._began = 0

    def has(self, found: Brief) -> bool:
        """Whether a prediction came in already; from now on it has."""
        if found.predicted_at - self._began > _REMEMBERED or len(self._newer) >= _MOST // 2:
            self._newer, self._older = set(), self._newer
            self._began = found.predicted_at
        place = hash((found.sensor, found.key))
        if place in self._newer:
            return True
        self._newer.add(place)
        return place in self._older

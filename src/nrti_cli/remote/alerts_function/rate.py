"""The failure rate of a rule's window, counted without reading an item again and again.

Items are counted by the time of their event. The last minute before a sensor's newest event is not final,
because workflows that run at the same time store events out of order: it is read again the next time. All
older items are counted once, in sixty cells. So each item is read about twice, whatever the window.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from .readings import Reading
from .rules import Rule, percent, span
from .table import Item, Table, time_key, time_of

#: How long after its sensor's newest event an event may be stored and still be counted.
_UNSETTLED_MS = 60_000
_CELLS = 60
_QUERIES_AT_ONCE = 16


class Tally:
    """The counts of one rule.

    Args:
        rule: of kind failure-rate.
        kept: its counts of the last evaluation, which it updates: `cells` with events and failures by time,
            and `settled` with the last key of each sensor that is in the cells.
        now: epoch milliseconds.
    """

    def __init__(self, rule: Rule, kept: dict[str, Any], now: int) -> None:
        self.rule = rule
        self._now = now
        self._window = round(1000 * (rule.seconds or 0))
        self._width = max(self._window // _CELLS, 1000)
        self._settled: dict[str, str] = kept.setdefault("settled", {})
        self._cells: dict[str, list[int]] = kept.setdefault("cells", {})
        self._recent = [0, 0]

    def first(self, sensor: str) -> str:
        """The key from which on it needs a sensor's items."""
        return max(self._settled.get(sensor, ""), time_key(self._now - self._window))

    def add(self, sensor: str, items: Iterable[Item]) -> None:
        """Counts the items of a sensor, in the order of their keys."""
        first = self.first(sensor)
        mine = [item for item in items if item.key > first and self.rule.model in (None, item.model)]
        if not mine:
            return
        settled = time_key(time_of(mine[-1].key) - _UNSETTLED_MS)
        for item in mine:
            if item.key <= settled:
                cell = self._cells.setdefault(str(time_of(item.key) // self._width), [0, 0])
            else:
                cell = self._recent
            cell[0] += 1
            cell[1] += item.failed
        self._settled[sensor] = max(settled, first)

    def reading(self, sensors: Collection[str]) -> Reading:
        """The rate in the window; forgets what is older, and other sensors."""
        oldest = (self._now - self._window) // self._width
        for number in [number for number in self._cells if int(number) < oldest]:
            del self._cells[number]
        for gone in self._settled.keys() - set(sensors):
            del self._settled[gone]
        events, failures = (
            sum(cell[place] for cell in self._cells.values()) + self._recent[place] for place in (0, 1)
        )
        window = span(self._window / 1000)
        if not events:
            return Reading(note=f"no events in {window}")
        rate = failures / events
        note = f"{percent(rate)} failures in {window}, {failures:,} of {events:,} events"
        return Reading({"": note} if rate > (self.rule.threshold or 0) else {}, note)


def rates(
    tallies: Mapping[str, Tally], sensors: Mapping[str, Collection[str]], table: Table, now: int
) -> dict[str, Reading]:
    """The readings of all rules about failure rates; each sensor is read once.

    Args:
        tallies: by the rules' ids.
        sensors: those of each rule.
        table: with the items.
        now: epoch milliseconds.
    """
    last = f"{time_key(now)}~"  # after all keys of this millisecond
    users: dict[str, list[Tally]] = {}
    for rule, names in sensors.items():
        for name in names:
            users.setdefault(name, []).append(tallies[rule])

    def read(sensor: str) -> list[Item]:
        return list(table.between(sensor, min(tally.first(sensor) for tally in users[sensor]), last))

    with ThreadPoolExecutor(_QUERIES_AT_ONCE) as pool:
        for sensor, items in zip(users, pool.map(read, users), strict=True):
            for tally in users[sensor]:
                tally.add(sensor, items)
    return {rule: tally.reading(sensors[rule]) for rule, tally in tallies.items()}

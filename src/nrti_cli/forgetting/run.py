"""Finds the data of a sensor, and deletes it.

Every step can be repeated: an interrupted run is completed by the next one, which finds what is left.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from nrti_cli.aws.dynamodb.item_deletion import ItemDeletion
from nrti_cli.aws.dynamodb.items import Identity, PredictionItems
from nrti_cli.events import time_key
from nrti_cli.forgetting import letters
from nrti_cli.forgetting.lake import LakeTable, Part, tables
from nrti_cli.forgetting.letters import Seen
from nrti_cli.forgetting.records import Scope, note
from nrti_cli.forgetting.rows import Wanted

if TYPE_CHECKING:
    from nrti_cli.aws.target import Target
    from nrti_cli.stack.outputs import Outputs

#: No `event_key` lies before the first or behind the second.
_FIRST, _LAST = "0", "\U0010ffff"
#: Firehose buffers for 15 minutes at most: older predictions are in the lake, or never will be.
_TRANSIT = timedelta(minutes=20)
#: The shortest pause between two looks for rows on their way, in seconds; else it is as long as a look.
_PAUSE = 1.0


@dataclass
class Found:
    """What is stored of a sensor.

    Attributes:
        items: in the table.
        parts: the files with its rows, by the name of the raw table.
        letters: its events in dead letters.
    """

    items: list[Identity]
    parts: dict[str, list[Part]]
    letters: Seen

    def __bool__(self) -> bool:
        return bool(self.items or any(self.parts.values()) or self.letters.events)

    @property
    def rows(self) -> dict[str, int]:
        """The number of rows by raw table."""
        return {name: sum(len(part.events) for part in parts) for name, parts in self.parts.items()}


@dataclass
class Tally:
    """What was deleted so far.

    Attributes:
        items: of the table.
        rows: of the lake, by raw table.
        objects: files of the lake that were rewritten or deleted.
        letters: events of dead letters.
        left: the dead letters that could not be read, and may have more events.
        undelivered: predictions whose rows had not reached the lake at the end.
    """

    items: int = 0
    rows: Counter[str] = field(default_factory=Counter)
    objects: int = 0
    letters: int = 0
    left: Seen = field(default_factory=Seen)
    undelivered: int = 0

    def __bool__(self) -> bool:
        return bool(self.items or self.objects or self.letters)


class Forgetting:
    """Forgets a scope.

    Args:
        target: the AWS.
        stack: the stack's outputs.
        scope: what is forgotten.
        delivery: how long a row may take to the lake.
        sleep: sleeps for some seconds.
        clock: in seconds.
    """

    def __init__(
        self,
        target: Target,
        stack: Outputs,
        scope: Scope,
        delivery: timedelta,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._target, self._stack, self._scope = target, stack, scope
        self._delivery, self._sleep, self._clock = delivery, sleep, clock
        self._tables = tables(target, stack)
        self._wanted = Wanted(scope)
        self.deleted = Tally()

    def find(self) -> Found:
        """Looks for everything that is stored; nothing is changed."""
        items = [item for item in self._of_sensor() if item.predicted_at <= self._scope.at]
        ids = {item.event_id for item in items}
        parts: dict[str, list[Part]] = {}
        for table in reversed(self._tables):  # the predictions first, which have the ids of all events
            found = list(table.find(Wanted(self._scope, sorted(ids))))
            ids |= {event for part in found for event in part.events if event}
            parts[table.name] = found
        self._wanted = Wanted(self._scope, sorted(ids))
        return Found(items, parts, letters.count(self._target, self._stack, self._scope))

    def _of_sensor(self) -> Iterator[Identity]:
        last = _LAST if self._scope.before is None else time_key(self._scope.before)
        items = PredictionItems(self._target, self._stack.table)
        return items.of_sensor(self._scope.sensor, _FIRST, last, shadows=True)

    def delete(self, found: Found) -> Generator[Tally, None, None]:
        """Deletes what was found; yields the figures as they grow, which `deleted` has as well.

        Labels come first: without the sensor's events, labels for single events would no longer be its own.
        The items come before their rows, so that no row seems to be missing.
        """
        note(self._target, self._scope)
        *others, predictions = self._tables
        for table in others:
            yield from self._rewrite(table, found.parts[table.name])
        deletion = ItemDeletion(self._target, self._stack.table, self._sleep)
        for count in deletion.delete([(item.sensor, item.event_key) for item in found.items]):
            self.deleted.items += count
            yield self.deleted
        yield from self._rewrite(predictions, found.parts[predictions.name])
        for seen in letters.remove(self._target, self._stack, self._scope):
            self.deleted.letters += seen.events
            self.deleted.left = seen  # the last of them has what could not be read
            yield self.deleted
        yield from self._await_delivery(predictions, found)

    def _rewrite(self, table: LakeTable, parts: list[Part]) -> Iterator[Tally]:
        for part in parts:
            self.deleted.rows[table.name] += table.remove(part, self._wanted)
            self.deleted.objects += 1
            yield self.deleted

    def _await_delivery(self, table: LakeTable, found: Found) -> Iterator[Tally]:
        """Deletes the rows of the last predictions when they reach the lake."""
        recent = self._scope.at - _TRANSIT // timedelta(milliseconds=1)
        left = Counter(item.event_id for item in found.items if item.predicted_at > recent)
        left -= Counter(event for part in found.parts[table.name] for event in part.events if event)
        deadline = self._scope.at / 1000 + self._delivery.total_seconds()
        while left:
            began = self._clock()
            parts = list(table.find(self._wanted))
            left -= Counter(event for part in parts for event in part.events if event)
            self.deleted.undelivered = left.total()
            yield from self._rewrite(table, parts)
            yield self.deleted
            if left and self._clock() > deadline:
                return
            if left:
                self._sleep(max(_PAUSE, self._clock() - began))


def milliseconds(moment: datetime) -> int:
    """A time in epoch milliseconds."""
    return round(moment.timestamp() * 1000)

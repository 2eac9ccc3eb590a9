"""Accounts for every event: where it was found, and whether it is missing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from nrti_cli.aws.dynamodb.items import Key


@dataclass(slots=True)
class Event:
    """Where an event was found.

    Attributes:
        accepted: in the ledger.
        stored: in the table, where its key is unique.
        reason: of its dead letter; empty without one.
        rows: number of rows in the lake.
        item_key: the `event_key` of its item, if it is stored.
    """

    model: str = ""
    accepted: bool = False
    stored: bool = False
    reason: str = ""
    rows: int = 0
    item_key: str = ""

    @property
    def missing(self) -> bool:
        """Whether it was accepted but is neither stored nor dead-lettered."""
        return self.accepted and not self.stored and not self.reason

    @property
    def undelivered(self) -> bool:
        """Whether it is stored but not in the lake."""
        return self.stored and not self.rows


@dataclass(frozen=True)
class Figures:
    """Totals over events.

    Attributes:
        dead: dead-lettered and not stored.
        duplicates: rows in the lake beyond the first of an event.
    """

    accepted: int
    stored: int
    dead: int
    missing: int
    delivered: int
    undelivered: int
    duplicates: int

    @classmethod
    def of(cls, events: Collection[Event]) -> Figures:
        """The totals over these events."""
        return cls(
            accepted=sum(event.accepted for event in events),
            stored=sum(event.stored for event in events),
            dead=sum(bool(event.reason) and not event.stored for event in events),
            missing=sum(event.missing for event in events),
            delivered=sum(event.rows > 0 for event in events),
            undelivered=sum(event.undelivered for event in events),
            duplicates=sum(max(0, event.rows - 1) for event in events),
        )


@dataclass
class Account:
    """All requested predictions of a time range, by sensor and `events.event_key`.

    Attributes:
        has_ledger: whether the accepted events are known; then only these are accounted for.
        deleted: the number of events that are not looked for, as they were deleted on purpose, by reason.
        unread_letters: dead letters that another command held; their events are not in the account.
    """

    has_ledger: bool
    events: dict[Key, Event] = field(default_factory=dict)
    deleted: Counter[str] = field(default_factory=Counter)
    unread_letters: int = 0

    def accept(self, key: Key, model: str) -> None:
        """Adds an event of the ledger."""
        self._event(key, model).accepted = True

    def store(self, key: Key, model: str, item_key: str) -> None:
        """Adds an item of the table."""
        if event := self._known(key, model):
            event.stored, event.item_key = True, item_key

    def park(self, key: Key, model: str, reason: str) -> None:
        """Adds an event of a dead letter."""
        if event := self._known(key, model):
            event.reason = reason

    def deliver(self, key: Key, model: str, rows: int) -> None:
        """Adds rows of the lake."""
        if event := self._known(key, model):
            event.rows += rows

    def forget_places(self) -> None:
        """Resets where events were found; the accepted events stay."""
        if not self.has_ledger:
            self.events.clear()
        for event in self.events.values():
            event.stored, event.reason, event.rows = False, "", 0

    def _known(self, key: Key, model: str) -> Event | None:
        return self.events.get(key) if self.has_ledger else self._event(key, model)

    def _event(self, key: Key, model: str) -> Event:
        if key not in self.events:
            self.events[key] = Event(model)
        return self.events[key]

    @property
    def settled(self) -> bool:
        """Whether nothing is missing and nothing is being delivered."""
        return not any(event.missing or event.undelivered for event in self.events.values())

    def missing(self) -> Iterator[tuple[Key, str]]:
        """The events that are not where they should be, and where that is."""
        for key, event in self.events.items():
            if event.missing:
                yield key, "table"
            elif event.undelivered:
                yield key, "lake"

    def figures(self) -> Figures:
        """The totals over all events."""
        return Figures.of(self.events.values())

    def groups(self) -> dict[tuple[str, str], Figures]:
        """The totals by sensor and model."""
        grouped: dict[tuple[str, str], list[Event]] = {}
        for (sensor, _), event in self.events.items():
            grouped.setdefault((sensor, event.model), []).append(event)
        return {group: Figures.of(events) for group, events in sorted(grouped.items())}

    def reasons(self) -> Counter[str]:
        """The number of dead-lettered events that are not stored, by reason."""
        return Counter(event.reason for event in self.events.values() if event.reason and not event.stored)

"""The events of a sensor in the dead letters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import chain
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from nrti_cli.aws.interrupts import interrupt_held
from nrti_cli.aws.sqs import Queue
from nrti_cli.deadletters import undone
from nrti_cli.deadletters.kept import KeptRequests, Moved, every_letter
from nrti_cli.deadletters.letter import UNREADABLE
from nrti_cli.deadletters.sweep import Sweep

if TYPE_CHECKING:
    from nrti_cli.aws.target import Target
    from nrti_cli.deadletters.letter import Letter
    from nrti_cli.forgetting.records import Scope
    from nrti_cli.stack.outputs import Outputs


class Seen(NamedTuple):
    """What was found in dead letters.

    Attributes:
        events: of the sensor.
        unread: letters that another command held, and that may have more.
        unreadable: messages in the queue that are no letters of the pipeline, and may have more.
        refused: kept requests that cannot be moved into the queue, and may have more, with the reasons.
    """

    events: int = 0
    unread: int = 0
    unreadable: int = 0
    refused: Mapping[str, str] = MappingProxyType({})

    def problems(self) -> list[undone.Undone]:
        """What may have more of the sensor's events."""
        return [
            *undone.held(self.unread),
            *undone.unreadable(self.unreadable),
            *undone.refused(self.refused),
        ]


def count(target: Target, stack: Outputs, scope: Scope) -> Seen:
    """Counts the events in dead letters, also in those that the queue refused; all letters stay."""
    with every_letter(target, stack.dead_letter_queue_url, hide_for=30) as (kept, sweep):
        events = unreadable = 0
        for letter in chain(kept, sweep.letters()):
            events += len(_meant(letter, scope))
            unreadable += letter.error == UNREADABLE and not letter.is_kept
        left = {letter.message.id: letter.cause for letter in kept if letter.error == UNREADABLE}
        return Seen(events, sweep.unread(), unreadable, left)


def remove(target: Target, stack: Outputs, scope: Scope) -> Iterator[Seen]:
    """Deletes the events; yields their number in each letter, and at last what could not be read.

    A letter with other events is replaced.
    """
    queue, moved = Queue(target, stack.dead_letter_queue_url), Moved()
    KeptRequests(target).move(queue, moved)
    sweep, unreadable = Sweep(queue, moved=moved.letters), 0
    try:
        for letter in sweep.letters():
            unreadable += letter.error == UNREADABLE
            if meant := _meant(letter, scope):
                rest = tuple(event for event in letter.events if event not in meant)
                with interrupt_held():
                    sweep.replace(letter, *([replace(letter, events=rest)] if rest else []))
                yield Seen(len(meant))
        yield Seen(unread=sweep.unread(), unreadable=unreadable, refused=moved.refused)
    finally:
        sweep.end()


def _meant(letter: Letter, scope: Scope) -> list[Any]:
    return [event for event in letter.events if _is_meant(event, scope)]


def _is_meant(event: Any, scope: Scope) -> bool:
    """Whether an event is the sensor's; also an invalid one, whose time may be no number."""
    if not isinstance(event, dict) or event.get("sensor") != scope.sensor:
        return False
    if scope.before is None:
        return True
    try:
        return scope.holds(int(event["timestamp"]), int(event["received_at"]))
    except (LookupError, TypeError, ValueError):
        return False

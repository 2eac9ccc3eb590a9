"""The events of a sensor in the dead letters."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from nrti_cli.aws.sqs import Queue
from nrti_cli.deadletters.kept import KeptRequests, every_letter
from nrti_cli.deadletters.sweep import Sweep

if TYPE_CHECKING:
    from nrti_cli.aws.target import Target
    from nrti_cli.deadletters.letter import Letter
    from nrti_cli.forgetting.records import Scope
    from nrti_cli.stack.outputs import Outputs


def count(target: Target, stack: Outputs, scope: Scope) -> int:
    """The number of events in dead letters, also in those that the queue refused; all letters stay."""
    letters = every_letter(target, stack.dead_letter_queue_url, hide_for=30)
    return sum(len(_meant(letter, scope)) for letter in letters)


def remove(target: Target, stack: Outputs, scope: Scope) -> Iterator[int]:
    """Deletes the events; yields their number in each letter. A letter with others is replaced.

    Raises:
        NrtiError: a letter that the queue had refused cannot be moved into it, and may have such events.
    """
    queue = Queue(target, stack.dead_letter_queue_url)
    moved = KeptRequests(target).move(queue)
    sweep = Sweep(queue, moved=moved.letters)
    try:
        for letter in sweep.letters():
            if meant := _meant(letter, scope):
                rest = tuple(event for event in letter.events if event not in meant)
                sweep.replace(letter, *([replace(letter, events=rest)] if rest else []))
                yield len(meant)
    finally:
        sweep.end()
    moved.require_all()


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

"""The events of a sensor in the dead letters."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING, Any

from nrti_cli.aws.sqs import Queue
from nrti_cli.deadletters.kept import KeptRequests
from nrti_cli.deadletters.sweep import Sweep

if TYPE_CHECKING:
    from nrti_cli.aws.target import Target
    from nrti_cli.deadletters.letter import Letter
    from nrti_cli.forgetting.records import Scope
    from nrti_cli.stack.outputs import Outputs


def count(target: Target, stack: Outputs, scope: Scope) -> int:
    """The number of events in dead letters, also in those that the queue refused; all letters stay."""
    sweep = Sweep(Queue(target, stack.dead_letter_queue_url), hide_for=30)
    try:
        letters = chain(sweep.letters(), KeptRequests(target).letters())
        return sum(len(_meant(letter, scope)) for letter in letters)
    finally:
        sweep.end()


def remove(target: Target, stack: Outputs, scope: Scope) -> Iterator[int]:
    """Deletes the events; yields their number in each letter. A letter with others is replaced."""
    queue = Queue(target, stack.dead_letter_queue_url)
    sweep = Sweep(queue, moved=KeptRequests(target).move(queue).letters)
    try:
        for letter in sweep.letters():
            if meant := _meant(letter, scope):
                rest = tuple(event for event in letter.events if event not in meant)
                sweep.replace(letter, *([replace(letter, events=rest)] if rest else []))
                yield len(meant)
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

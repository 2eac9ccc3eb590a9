"""Reads all messages of the queue, each once.

A received message is invisible to other consumers for some time. Those that were not deleted are made visible
again at the end; if the process is killed, they become visible when their time is over.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from nrti_cli.aws.interrupts import interrupt_held
from nrti_cli.aws.sqs import Message, Queue
from nrti_cli.deadletters.letter import Letter

#: Visibility timeout in seconds: long enough to handle a letter, short enough after a killed redrive.
_HIDE_FOR = 120
#: Consecutive receives with known messages only, after which the queue counts as read.
_PATIENCE = 50


@dataclass(frozen=True)
class LetterFilter:
    """Selects letters.

    Attributes:
        reasons: error codes; empty selects all.
        model: only letters with an event for this model.
    """

    reasons: frozenset[str] = frozenset()
    model: str | None = None

    def __call__(self, letter: Letter) -> bool:
        """Whether the letter is selected."""
        return (not self.reasons or letter.error in self.reasons) and (
            self.model is None or self.model in letter.models
        )


class Sweep:
    """The letters in a queue at present; those that arrive meanwhile are left for later.

    Args:
        queue: of dead letters.
        hide_for: visibility timeout in seconds.
        moved: the ids of messages that were just sent by this command, and are not left for later.
    """

    def __init__(self, queue: Queue, hide_for: int = _HIDE_FOR, moved: Collection[str] = frozenset()) -> None:
        self._queue = queue
        self._moved = moved
        self._hide_for = hide_for
        self._began = datetime.now(UTC)
        self._handles: dict[str, str] = {}

    def letters(self) -> Iterator[Letter]:
        """Each letter once, in no particular order."""
        stale = 0
        while stale < _PATIENCE and (messages := self._receive()):
            new = [message for message, is_new in messages if is_new]
            stale = 0 if new else stale + 1
            yield from (Letter.read(message) for message in new if self._is_meant(message))

    def _receive(self) -> list[tuple[Message, bool]]:
        """Receives messages, with whether each is new, and notes their handles; they are hidden now."""
        with interrupt_held():  # without its handle, a message could not be made visible again
            found = [(each, each.id not in self._handles) for each in self._queue.receive(self._hide_for)]
            # Only the receipt handle of the latest receive is sure to delete a message.
            self._handles |= {message.id: message.handle for message, _ in found}
        return found

    def _is_meant(self, message: Message) -> bool:
        return message.sent_at <= self._began or message.id in self._moved

    def remove(self, *letters: Letter) -> None:
        """Deletes letters from the queue."""
        self._queue.delete([self._handles.pop(letter.message.id) for letter in letters])

    def replace(self, letter: Letter, *others: Letter) -> None:
        """Replaces a letter; the new ones are sent first, so that each event is always in the queue."""
        for other in others:
            self._queue.send(other.body(), other.attributes())
        self.remove(letter)

    def end(self) -> None:
        """Makes the remaining letters visible."""
        self._queue.release(list(self._handles.values()))
        self._handles.clear()

"""Reads all messages of the queue, each once.

A received message is invisible to other consumers for some time. Those that were not deleted are made visible
again at the end; if the process is killed, they become visible when their time is over. So this command does
not see what another one has received. It can only count these letters.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from nrti_cli.aws.interrupts import interrupt_held
from nrti_cli.aws.sqs import Message, Queue
from nrti_cli.deadletters.letter import Letter

#: Visibility timeout in seconds: long enough to handle a letter, short enough after a killed redrive.
HIDE_FOR = 120
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

    def __init__(self, queue: Queue, hide_for: int = HIDE_FOR, moved: Collection[str] = frozenset()) -> None:
        self._queue = queue
        self._moved = moved
        self._hide_for = hide_for
        self._began = datetime.now(UTC)
        self._handles: dict[str, str] = {}
        self._present: int | None = None
        self._read: set[str] = set()

    def letters(self) -> Iterator[Letter]:
        """Each letter once, in no particular order."""
        self._present = self._queue.depth().total
        stale = 0
        while stale < _PATIENCE and (messages := self._receive()):
            new = [message for message, is_new in messages if is_new]
            stale = 0 if new else stale + 1
            for message in filter(self._is_meant, new):
                self._read.add(message.id)
                yield Letter.read(message)

    def unread(self) -> int:
        """How many letters were in the queue at the beginning, still are, and were not read.

        Another command holds them, or the caller did not take all letters. It is approximate, as SQS's counts
        are: letters that were deleted less than a minute ago may count.
        """
        if self._present is None:
            return self._queue.depth().total
        missed = self._present - len(self._read)
        if missed <= 0:
            return 0
        known = len(self._read & self._handles.keys())
        return max(0, min(missed, self._queue.depth().total - known))

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
        self._queue.delete([self._handles[letter.message.id] for letter in letters])
        for letter in letters:  # only now: an interrupted deletion leaves letters that `end` has to release
            self._handles.pop(letter.message.id)

    def replace(self, letter: Letter, *others: Letter) -> None:
        """Replaces a letter; the new ones are sent first, so that each event is always in the queue."""
        for other in others:
            self._queue.send(other.body(), other.attributes())
        self.remove(letter)

    def end(self) -> None:
        """Makes the remaining letters visible; Ctrl-C takes effect afterwards."""
        with interrupt_held():
            self._queue.release(list(self._handles.values()))
            self._handles.clear()

"""Goes through the queue, each letter once.

A letter that was received is hidden from everybody for a while. What is not removed is shown again at the
end; if there is no orderly end, it shows up by itself when the while is over.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from nrti_cli.aws.sqs import Queue
from nrti_cli.deadletters.letter import Letter

#: Seconds. Most letters are dealt with long before; those of a killed redrive are back soon.
HIDE_FOR = 120
#: So many receives in a row that bring only letters that were seen before show that there are no others.
_PATIENCE = 50


@dataclass(frozen=True)
class Wanted:
    """Which letters are meant.

    Attributes:
        reasons: error codes; all if there is none.
        model: only letters with an event for it.
    """

    reasons: frozenset[str] = frozenset()
    model: str | None = None

    def __call__(self, letter: Letter) -> bool:
        """Whether this one is."""
        return (not self.reasons or letter.error in self.reasons) and (
            self.model is None or self.model in letter.models
        )


class Sweep:
    """The letters that lie in a queue now; those that come meanwhile are left for another time.

    Args:
        queue: of dead letters.
        hide_for: seconds for which a letter is hidden.
    """

    def __init__(self, queue: Queue, hide_for: int = HIDE_FOR) -> None:
        self._queue = queue
        self._hide_for = hide_for
        self._began = datetime.now(UTC)
        self._handles: dict[str, str] = {}

    def letters(self) -> Iterator[Letter]:
        """Each letter once, in no particular order."""
        stale = 0
        while stale < _PATIENCE and (messages := self._queue.receive(self._hide_for)):
            new = [message for message in messages if message.id not in self._handles]
            # Only the handle of the last time that a message was received is sure to delete it.
            self._handles |= {message.id: message.handle for message in messages}
            stale = 0 if new else stale + 1
            yield from (Letter.read(message) for message in new if message.sent_at <= self._began)

    def remove(self, *letters: Letter) -> None:
        """Takes letters out of the queue."""
        self._queue.delete([self._handles.pop(letter.message.id) for letter in letters])

    def replace(self, letter: Letter, *others: Letter) -> None:
        """Puts others in a letter's place; the new ones first, so that at no time an event is in none."""
        for other in others:
            self._queue.send(other.body(), other.attributes())
        self.remove(letter)

    def end(self) -> None:
        """Shows everybody what is left."""
        self._queue.release(list(self._handles.values()))
        self._handles.clear()

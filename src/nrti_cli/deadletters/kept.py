"""Requests that the dead-letter queue refused, which the workflows keep in the artifacts bucket.

Each is an object with the text of the dead letter that it would have been. It is moved into the queue before
the queue is read: sent first, deleted afterwards, so that an interruption loses nothing. At worst a letter is
there twice, which is harmless.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from nrti_cli.aws.interrupts import interrupt_held
from nrti_cli.aws.s3.objects import S3
from nrti_cli.aws.sqs import Message, Queue, UnacceptableMessageError
from nrti_cli.deadletters.letter import UNREADABLE, Letter
from nrti_cli.deadletters.sweep import Sweep
from nrti_cli.stack.names import UNPARKED, artifacts_bucket

if TYPE_CHECKING:
    from nrti_cli.aws.target import Target


@dataclass
class Moved:
    """What became of the kept requests.

    Attributes:
        letters: the ids of the messages that they are now.
        refused: the keys of those that could not be sent, with the reasons.
    """

    letters: set[str] = field(default_factory=set)
    refused: dict[str, str] = field(default_factory=dict)


class KeptRequests:
    """The kept requests of a stack."""

    def __init__(self, target: Target) -> None:
        self._s3, self._bucket = S3(target), artifacts_bucket(target)

    def count(self) -> int:
        """The number of kept requests, by a listing of the bucket."""
        return sum(1 for _ in self._keys())

    def letters(self) -> Iterator[Letter]:
        """The dead letters that they would be, oldest first; they stay where they are."""
        for key in self._keys():
            if letter := self._letter(key):
                yield letter

    def move(self, queue: Queue, moved: Moved) -> None:
        """Moves all into the queue; what it will never take stays. If it takes none at present, all do."""
        for key in list(self._keys()):
            if letter := self._letter(key):
                self._move(key, letter, queue, moved)

    def _move(self, key: str, letter: Letter, queue: Queue, moved: Moved) -> None:
        if letter.error == UNREADABLE:
            moved.refused[key] = letter.cause
            return
        try:
            with interrupt_held():
                identifier = queue.send(json.loads(letter.message.body), letter.attributes())
                self._s3.delete(self._bucket, [key])
                moved.letters.add(identifier)
        except UnacceptableMessageError as error:
            moved.refused[key] = str(error)

    def _keys(self) -> Iterator[str]:
        return self._s3.keys(self._bucket, UNPARKED)

    def _letter(self, key: str) -> Letter | None:
        """The letter of an object; None if another command has moved it meanwhile."""
        found = self._s3.get_tagged(self._bucket, key)
        if found is None:
            return None
        text = found[0].decode("utf-8", "replace")
        return Letter.read(Message(key, "", text, datetime.now(UTC), {}))


@contextmanager
def every_letter(target: Target, queue_url: str, hide_for: int) -> Iterator[tuple[list[Letter], Sweep]]:
    """The kept letters, and a sweep of the queue: in this order none is missed on its way.

    All stay where they are; those in the queue are hidden until the end of the block, in seconds at most.
    """
    kept = list(KeptRequests(target).letters())
    sweep = Sweep(Queue(target, queue_url), hide_for)
    try:
        yield kept, sweep
    finally:
        sweep.end()

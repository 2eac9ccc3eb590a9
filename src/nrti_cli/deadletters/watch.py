"""Tells when dead letters come into the queue."""

from __future__ import annotations

import time
from collections.abc import Callable

from botocore.exceptions import BotoCoreError, ClientError

from nrti_cli.aws.errors import explain, is_throttled

#: Seconds between two looks: on AWS a month of them costs 20 cents, and an idle tail still takes half a per
#: cent of a core.
INTERVAL = 5.0
_WHY = "nrti redrive --dry-run shows why"


class Watch:
    """Looks at how many there are, while something else is going on that it must not end.

    What is new is told by the difference of two looks. SQS counts approximately, and letters that are
    redriven between two looks hide as many new ones.

    Args:
        depth: asks how many letters there are; None if there is no queue.
        say: takes a line for the user.
        clock: seconds.
    """

    def __init__(
        self,
        depth: Callable[[], int | None],
        say: Callable[[str], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._depth = depth
        self._say = say
        self._clock = clock
        self._next = clock()
        self._last: int | None = None

    def look(self) -> None:
        """Says how many came since the last look, if it is time for one; the first says nothing."""
        if self._clock() < self._next:
            return
        now, before = self._count(), self._last
        self._next = max(self._next, self._clock() + INTERVAL)
        if now is None:
            return
        self._last = now
        if before is not None and now > before:
            self._say(f"{_letters(now - before, 'new ')} ({now:,} in all): {_WHY}")

    def total(self) -> None:
        """Says how many there are, if any."""
        if now := self._count():
            self._say(f"{_letters(now)}: {_WHY}")

    def _count(self) -> int | None:
        """None if it is not known; says so and ends the looks where asking again is of no use."""
        try:
            count = self._depth()
        except BotoCoreError:
            return None
        except ClientError as error:
            if not is_throttled(error):
                self._give_up(str(explain(error)))
            return None
        if count is None:
            self._give_up("the queue is gone")
        return count

    def _give_up(self, reason: str) -> None:
        self._next = float("inf")
        self._say(f"dead letters are not watched: {reason}")


def _letters(count: int, which: str = "") -> str:
    return f"{count:,} {which}dead letter{'' if count == 1 else 's'}"

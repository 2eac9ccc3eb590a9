"""Reports new dead letters."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from nrti_cli.aws import sqs
from nrti_cli.aws.errors import explain, is_throttled
from nrti_cli.deadletters.kept import KeptRequests

if TYPE_CHECKING:
    from nrti_cli.aws.target import Target

#: Seconds between two checks: on AWS a month of them costs 2.80 USD, most of it for the listings of S3.
INTERVAL = 5.0
_WHY = "nrti redrive --dry-run shows why"


def count_letters(target: Target, queue_url: str) -> int | None:
    """The number of dead letters, with the requests that the queue refused; None if it does not exist."""
    in_queue = sqs.depth(target, queue_url)
    return None if in_queue is None else in_queue.total + KeptRequests(target).count()


class Watch:
    """Counts the dead letters beside another task, which a failed check does not end.

    The number of new letters is the difference between two checks. SQS counts approximately, and letters that
    are redriven in between hide as many new ones.

    Args:
        count: returns the number of letters; None if the queue does not exist.
        say: prints a line.
        clock: a monotonic clock, in seconds.
    """

    def __init__(
        self,
        count: Callable[[], int | None],
        say: Callable[[str], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._count_letters = count
        self._say = say
        self._clock = clock
        self._next = clock()
        self._last: int | None = None

    def check(self) -> None:
        """Reports the new letters since the last check, if it is time for one; the first reports nothing."""
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
        """Reports the number of letters, if any."""
        if now := self._count():
            self._say(f"{_letters(now)}: {_WHY}")

    def _count(self) -> int | None:
        """The number of letters; None if unknown. Reports it if further checks are useless."""
        try:
            count = self._count_letters()
        except BotoCoreError:
            return None
        except ClientError as error:
            if not is_throttled(error):
                self._give_up(str(explain(error)))
            return None
        if count is None:
            self._give_up("the queue does not exist")
        return count

    def _give_up(self, reason: str) -> None:
        self._next = float("inf")
        self._say(f"dead letters are not watched: {reason}")


def _letters(count: int, which: str = "") -> str:
    return f"{count:,} {which}dead letter{'' if count == 1 else 's'}"

"""Reports new dead letters."""

from __future__ import annotations

import time
from collections.abc import Callable

from botocore.exceptions import BotoCoreError, ClientError

from nrti_cli.aws.errors import explain, is_throttled

#: Seconds between two checks: on AWS a month of them costs 20 cents, and an idle tail takes half a per cent
#: of a core.
INTERVAL = 5.0
_WHY = "nrti redrive --dry-run shows why"


class Watch:
    """Checks the depth of the queue beside another task, which a failed check does not end.

    The number of new letters is the difference between two checks. SQS counts approximately, and letters that
    are redriven in between hide as many new ones.

    Args:
        depth: returns the number of letters; None if the queue does not exist.
        say: prints a line.
        clock: a monotonic clock, in seconds.
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
            count = self._depth()
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

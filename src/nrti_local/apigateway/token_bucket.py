"""Token buckets, by which API Gateway throttles: a rate that refills them, and a burst that they hold."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable


class TokenBuckets:
    """One bucket for each thing that is throttled.

    Args:
        clock: in seconds; it must never go back, as the time of day may.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        #: The tokens that each held, and when.
        self._levels: dict[Hashable, tuple[float, float]] = {}

    def take(self, bucket: Hashable, rate: float | None, burst: float | None) -> bool:
        """Takes a token.

        Args:
            bucket: what is throttled.
            rate: tokens a second; None with no burst either for no limit.
            burst: tokens that the bucket holds, and has at first.

        Returns:
            Whether there was one.
        """
        if rate is None and burst is None:
            return True
        now, capacity = self._clock(), float(burst or 0)
        level, since = self._levels.get(bucket, (capacity, now))
        level = min(capacity, level + (now - since) * float(rate or 0))
        taken = level >= 1
        self._levels[bucket] = (level - taken, now)
        return taken

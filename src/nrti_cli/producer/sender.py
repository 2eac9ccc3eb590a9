"""Brings one request to the API, whatever it takes within a limit."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from nrti_cli.producer.client import Answer, Client


@dataclass(frozen=True)
class Backoff:
    """Exponential backoff with full jitter: a delay is drawn from nothing up to a bound that doubles.

    Attributes:
        first: the bound of the first delay, in seconds.
        longest: the bound that is not passed.
        give_up_after: seconds since the first attempt after which there is no further one.
    """

    first: float = 0.1
    longest: float = 5.0
    give_up_after: float = 30.0
    rng: Random = field(default_factory=Random)

    def delay(self, attempt: int) -> float:
        """Seconds to wait after the failed attempt number `attempt`, from 0."""
        # The exponent is bounded since 2.0**1024 does not exist, and somebody may want to retry for days.
        return self.rng.uniform(0, min(self.longest, self.first * 2 ** min(attempt, 30)))


async def deliver(
    client: Client, body: bytes, backoff: Backoff, on_retry: Callable[[Answer], None]
) -> Answer:
    """Sends a body until it is accepted, finally refused, or the time for it is up; returns the last answer.

    Whoever is interested hears of each answer that leads to another attempt.

    The body stays the same, so its event ids do too: should an earlier attempt have arrived after all, the
    pipeline stores the event once.
    """
    deadline = time.monotonic() + backoff.give_up_after
    attempt = 0
    while True:
        answer = await client.post(body)
        if not answer.transient:
            return answer
        delay = backoff.delay(attempt)
        if time.monotonic() + delay > deadline:
            return answer
        on_retry(answer)
        await asyncio.sleep(delay)
        attempt += 1

"""Sends one request, with retries until a time limit."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from nrti_cli.producer.client import Answer, Client


@dataclass(frozen=True)
class Backoff:
    """Exponential backoff with full jitter: a delay is drawn from 0 to a bound that doubles.

    Attributes:
        first: the bound of the first delay, in seconds.
        longest: the maximum of the bound.
        give_up_after: seconds after the first attempt beyond which there are no retries.
    """

    first: float = 0.1
    longest: float = 5.0
    give_up_after: float = 30.0
    rng: Random = field(default_factory=Random)

    def delay(self, attempt: int) -> float:
        """Seconds to wait after the failed attempt number `attempt`, from 0."""
        # The exponent is bounded: 2.0**1024 overflows, and retries may go on for days.
        return self.rng.uniform(0, min(self.longest, self.first * 2 ** min(attempt, 30)))


async def deliver(
    client: Client, body: bytes, backoff: Backoff, on_retry: Callable[[Answer], None]
) -> Answer:
    """Sends a body until it is accepted, refused or the time is up; returns the last response.

    `on_retry` is called with each response that leads to a retry.

    The body, and so its event ids, stay the same: if an earlier attempt has arrived after all, the pipeline
    stores the event once.
    """
    now = asyncio.get_running_loop().time
    deadline = now() + backoff.give_up_after
    attempt = 0
    while True:
        answer = await client.post(body)
        if not answer.transient:
            return answer
        delay = backoff.delay(attempt)
        if now() + delay > deadline:
            return answer
        on_retry(answer)
        await asyncio.sleep(delay)
        attempt += 1

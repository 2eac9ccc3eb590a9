from __future__ import annotations

from random import Random

import pytest

from nrti_cli.producer.client import Answer
from nrti_cli.producer.sender import Backoff, deliver
from tests import virtual_time


class Script:
    """A client that gives the answers of a list in turn, and the last one for ever."""

    def __init__(self, *statuses: int) -> None:
        self.statuses = list(statuses)
        self.bodies: list[bytes] = []

    async def post(self, body: bytes) -> Answer:
        self.bodies.append(body)
        return Answer(self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0])

    async def close(self) -> None:
        """Holds nothing."""


def send(client: Script, *, give_up_after: float = 30.0) -> tuple[Answer, int]:
    retries = 0

    def count(_: Answer) -> None:
        nonlocal retries
        retries += 1

    backoff = Backoff(give_up_after=give_up_after)
    return virtual_time.run(deliver(client, b"body", backoff, count)), retries


@pytest.mark.parametrize("status", [0, 408, 429, 500, 502, 503, 504])
def test_what_may_pass_is_tried_again_with_the_same_body(status: int) -> None:
    client = Script(status, status, 202)
    assert send(client) == (Answer(202), 2)
    assert client.bodies == [b"body"] * 3


@pytest.mark.parametrize("status", [301, 400, 401, 403, 404, 413, 415])
def test_a_refusal_is_final(status: int) -> None:
    client = Script(status)
    assert send(client) == (Answer(status), 0)
    assert len(client.bodies) == 1


def test_it_gives_up_in_the_end_with_the_last_answer() -> None:
    answer, retries = send(Script(500, 503), give_up_after=10.0)
    assert answer == Answer(503)
    assert retries > 1


def test_delays_are_drawn_up_to_a_bound_that_doubles_to_its_limit() -> None:
    backoff = Backoff(first=0.1, longest=5.0, rng=Random(1))  # noqa: S311
    for attempt, bound in ((0, 0.1), (1, 0.2), (5, 3.2), (6, 5.0), (5000, 5.0)):
        delays = [backoff.delay(attempt) for _ in range(500)]
        assert 0 <= min(delays) < 0.1 * bound
        assert 0.9 * bound < max(delays) <= bound

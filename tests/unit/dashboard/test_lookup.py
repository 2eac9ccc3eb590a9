"""What is looked up while browsers ask: once at a time, again after a pause, and later if it failed."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable

from nrti_cli.dashboard.lookup import Lookup, News
from nrti_cli.errors import NrtiError


class Looked:
    """A look-up that waits until it may answer."""

    def __init__(self) -> None:
        self.times = 0
        self.may = threading.Event()
        self.error = ""

    def __call__(self) -> int:
        self.may.wait(20)
        self.times += 1
        if self.error:
            raise NrtiError(self.error)
        return self.times


async def _settled(lookup: Lookup[int]) -> None:
    async with asyncio.timeout(20):
        while lookup.asking:
            await asyncio.sleep(0.001)


def run(
    again: Callable[[int], float | None], *, retry: float = 30, error: str = ""
) -> tuple[Lookup[int], Looked, int]:
    """Asks twice at a time, twice one after the other."""

    async def story() -> tuple[Lookup[int], Looked, int]:
        looked, news = Looked(), News()
        looked.error = error
        lookup = Lookup(looked, again, news, retry=retry)
        lookup.ask()
        lookup.ask()
        assert lookup.asking
        looked.may.set()
        await _settled(lookup)
        lookup.ask()
        await _settled(lookup)
        return lookup, looked, news.count

    return asyncio.run(story())


def test_it_runs_once_at_a_time_and_not_before_its_pause_is_over() -> None:
    lookup, looked, found = run(lambda _: 60)

    assert (looked.times, found) == (1, 1)
    assert lookup.known
    assert not lookup.over


def test_it_runs_again_after_its_pause() -> None:
    assert run(lambda _: 0)[1].times == 2


def test_what_never_changes_is_not_looked_up_again() -> None:
    lookup, looked, _ = run(lambda _: None)

    assert looked.times == 1
    assert lookup.over


def test_a_failure_is_said_and_tried_again_later() -> None:
    lookup, looked, found = run(lambda _: 0, error="the lake is away")

    assert (looked.times, found) == (1, 1)
    assert lookup.problem == "the lake is away"
    assert not lookup.known
    assert run(lambda _: 0, error="away", retry=0)[1].times == 2


def test_a_look_up_that_waits_for_aws_does_not_delay_the_end() -> None:
    looked = Looked()

    async def story() -> None:
        lookup = Lookup(looked, lambda _: None, News())
        lookup.ask()
        await asyncio.sleep(0)
        lookup.close()

    asyncio.run(story())

    assert looked.times == 0  # it still waits
    looked.may.set()

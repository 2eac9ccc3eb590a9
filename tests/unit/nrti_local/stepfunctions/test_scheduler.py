import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextvars import ContextVar
from typing import Any

import pytest

from nrti_local.stepfunctions.load import LONGEST_DELAY, MOST, MOST_BYTES, Load
from nrti_local.stepfunctions.scheduler import ClosedError, Scheduler
from tests.waiting import eventually

Run = Callable[[], Awaitable[Any]]


@pytest.fixture
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    """A loop in a thread of its own, as the tests submit from outside of it."""
    made = asyncio.new_event_loop()
    thread = threading.Thread(target=made.run_forever)
    thread.start()
    yield made
    made.call_soon_threadsafe(made.stop)
    thread.join()
    made.close()


@pytest.fixture
def make(loop: asyncio.AbstractEventLoop) -> Callable[[int], Scheduler]:
    def scheduler(at_a_time: int) -> Scheduler:
        bound = Scheduler(at_a_time)
        bound.bind(loop)
        return bound

    return scheduler


Make = Callable[[int], Scheduler]


class Crowd:
    """Counts how many of its runs there are at the same time.

    Attributes:
        most: the highest count.
    """

    def __init__(self) -> None:
        self._running = self.most = 0

    async def run(self) -> None:
        self._running += 1
        self.most = max(self.most, self._running)
        await asyncio.sleep(0.001)
        self._running -= 1


async def _one() -> int:
    return 1


async def _fail() -> None:
    raise ZeroDivisionError


def test_as_many_run_at_once_as_may(make: Make) -> None:
    scheduler, crowd = make(2), Crowd()

    for future in [scheduler.submit(crowd.run) for _ in range(20)]:
        future.result(5)
    assert crowd.most == 2


def test_one_that_pauses_lets_another_run(make: Make) -> None:
    scheduler = make(1)
    other_ran = asyncio.Event()

    async def pausing() -> str:
        async with scheduler.paused():
            await other_ran.wait()
        return "resumed"

    async def other() -> None:
        other_ran.set()

    waiting = scheduler.submit(pausing)
    scheduler.submit(other)
    assert waiting.result(5) == "resumed"


def test_one_that_has_paused_goes_on_before_another_begins(make: Make) -> None:
    scheduler, order = make(1), list[str]()
    resumable = asyncio.Event()

    async def pausing() -> None:
        async with scheduler.paused():
            await resumable.wait()
        order.append("resumed")

    async def busy() -> None:
        resumable.set()
        await asyncio.sleep(0.001)
        order.append("busy")

    async def last() -> None:
        order.append("last")

    for future in [scheduler.submit(run) for run in (pausing, busy, last)]:
        future.result(5)
    assert order == ["busy", "resumed", "last"]


def test_one_that_times_out_while_it_waits_for_its_turn_leaves_the_others_theirs(make: Make) -> None:
    scheduler = make(1)
    over, queued, crowd = asyncio.Event(), threading.Event(), Crowd()

    async def limited() -> None:
        await asyncio.to_thread(queued.wait)
        try:
            async with asyncio.timeout(0.02), scheduler.paused():
                await asyncio.sleep(0)
        finally:
            over.set()

    first = scheduler.submit(limited)
    busy = scheduler.submit(over.wait)
    queued.set()
    assert isinstance(first.exception(5), TimeoutError)
    busy.result(5)
    for future in [scheduler.submit(crowd.run) for _ in range(5)]:
        future.result(5)
    assert crowd.most == 1


def test_they_begin_in_their_order_from_the_loop_as_well(make: Make, loop: asyncio.AbstractEventLoop) -> None:
    scheduler, order = make(1), list[int]()

    def numbered(number: int) -> Run:
        async def run() -> None:
            order.append(number)

        return run

    async def submit() -> None:
        await asyncio.gather(*(asyncio.wrap_future(scheduler.submit(numbered(n))) for n in range(5)))

    asyncio.run_coroutine_threadsafe(submit(), loop).result(5)
    assert order == [0, 1, 2, 3, 4]


def test_each_keeps_the_account_of_its_request(make: Make) -> None:
    scheduler, account = make(1), ContextVar("account", default="none")

    async def read() -> str:
        return account.get()

    token = account.set("here")
    submitted = scheduler.submit(read)
    account.reset(token)
    assert submitted.result(5) == "here"


def test_an_exception_is_the_result_and_not_the_end(make: Make) -> None:
    scheduler = make(1)
    failed = scheduler.submit(_fail)
    assert isinstance(failed.exception(5), ZeroDivisionError)
    assert scheduler.submit(_one).result(5) == 1


def test_draining_waits_for_what_was_accepted_and_takes_no_more(make: Make) -> None:
    scheduler = make(1)
    accepted = [scheduler.submit(lambda: asyncio.sleep(0.01)) for _ in range(5)]
    assert scheduler.drain(5) == 0
    assert all(future.done() for future in accepted)
    with pytest.raises(ClosedError):
        scheduler.submit(_one)


def test_draining_has_a_deadline(make: Make, loop: asyncio.AbstractEventLoop) -> None:
    scheduler, end = make(1), asyncio.Event()
    waiting = [scheduler.submit(end.wait), scheduler.submit(_one)]
    assert scheduler.drain(0.01) == 2
    loop.call_soon_threadsafe(end.set)
    for future in waiting:
        future.result(5)


def test_the_delay_is_that_of_the_next_to_begin(make: Make) -> None:
    scheduler = make(1)
    end = threading.Event()

    async def blocked() -> None:
        await asyncio.to_thread(end.wait, 5)

    first = scheduler.submit(blocked)
    second = scheduler.submit(_one)
    eventually(scheduler.delay)
    assert scheduler.delay() < scheduler.delay()
    end.set()
    first.result(5)
    second.result(5)
    assert scheduler.delay() == 0


def test_no_more_is_taken_when_the_next_one_waits_too_long_or_there_are_too_many(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    scheduler = make(1)
    load = Load(scheduler)
    assert not load.is_exceeded()
    load.add(MOST_BYTES)
    assert load.is_exceeded()
    load.remove(MOST_BYTES)
    monkeypatch.setattr(scheduler, "delay", lambda: LONGEST_DELAY + 1)
    assert load.is_exceeded()
    monkeypatch.setattr(scheduler, "delay", float)
    for _ in range(MOST):
        assert not load.is_exceeded()
        load.add(1)
    assert load.is_exceeded()


def test_those_that_come_after_begin_when_none_of_the_others_waits(
    make: Make, loop: asyncio.AbstractEventLoop
) -> None:
    first = make(1)
    later = Scheduler(1, first)
    later.bind(loop)
    end = asyncio.Event()
    order: list[str] = []

    async def noted(name: str) -> None:
        order.append(name)

    busy, waiting = first.submit(end.wait), first.submit(lambda: noted("first"))
    eventually(first.delay, lambda delay: delay > 0.1)
    last = later.submit(lambda: noted("later"))
    loop.call_soon_threadsafe(end.set)

    for future in (busy, waiting, last):
        future.result(5)
    assert order == ["first", "later"]
    assert later.submit(_one).result(5) == 1

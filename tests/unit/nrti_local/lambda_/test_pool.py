from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

import pytest

from nrti_local.lambda_.functions import Function
from nrti_local.lambda_.names import FunctionName
from nrti_local.lambda_.pool import Pool
from nrti_local.lambda_.worker import Worker

Test = Callable[[Pool], Awaitable[None]]


@pytest.fixture
def pool() -> Pool:
    name = FunctionName("000000000000", "eu-central-2", "f")
    return Pool(Function(name, {"FunctionName": "f", "CodeSha256": "c"}, None, lambda: b""), limit=2)


def test_the_worker_that_was_released_last_is_leased_first(pool: Pool) -> None:
    async def lease() -> None:
        first, second = await pool.lease(1), await pool.lease(1)
        assert first is not second
        pool.release(first)
        pool.release(second)
        assert await pool.lease(1) is second

    asyncio.run(lease())


def test_those_that_wait_get_workers_in_their_order(pool: Pool) -> None:
    async def wait() -> list[int]:
        order: list[int] = []

        async def take(number: int) -> None:
            worker = await pool.lease(20)
            order.append(number)
            pool.release(worker)

        leased = [await pool.lease(1) for _ in range(2)]
        waiting = [asyncio.ensure_future(take(number)) for number in range(5)]
        await asyncio.sleep(0)
        for worker in leased:
            pool.release(worker)
        await asyncio.gather(*waiting)
        return order

    assert asyncio.run(wait()) == [0, 1, 2, 3, 4]


def test_functions_that_wait_for_each_other_get_more_workers(pool: Pool) -> None:
    async def chain() -> None:
        clients = [await pool.lease(1) for _ in range(2)]
        called = [await pool.lease(1, depth=2) for _ in range(2)]
        assert len({*clients, *called}) == 4
        client = asyncio.ensure_future(pool.lease(20))
        function = asyncio.ensure_future(pool.lease(20, depth=2))
        await asyncio.sleep(0)
        pool.release(called.pop())
        await function  # the client has waited longer, and would take the place that lets the chain go on
        assert not client.done()
        for worker in (function.result(), *called, *clients):
            pool.release(worker)
        await client

    asyncio.run(chain())


def test_a_wait_has_an_end(pool: Pool) -> None:
    async def wait() -> None:
        for _ in range(2):
            await pool.lease(1)
        await pool.lease(0.01)

    with pytest.raises(TimeoutError):
        asyncio.run(wait())


def test_a_worker_is_not_lost_with_the_one_that_waited_for_it(pool: Pool) -> None:
    async def cancel(released_first: bool) -> Worker:
        leased = [await pool.lease(1) for _ in range(2)]
        waiting = asyncio.ensure_future(pool.lease(20))
        await asyncio.sleep(0)
        if released_first:
            pool.release(leased[0])
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        if not released_first:
            pool.release(leased[0])
        again = await pool.lease(1)
        assert again is leased[0]
        pool.release(leased[1])
        pool.release(again)
        return again

    for released_first in (True, False):
        asyncio.run(cancel(released_first))


def test_idle_workers_are_ended_but_for_one(pool: Pool) -> None:
    async def reap() -> None:
        leased = [await pool.lease(1) for _ in range(2)]
        for worker in leased:
            pool.release(worker)
        pool.reap(leased[0].idle_since)
        assert await pool.lease(1) is leased[1]
        pool.release(leased[1])
        pool.reap(time.monotonic() + 1)
        assert await pool.lease(1) is leased[1]

    asyncio.run(reap())


def test_a_worker_of_a_retired_pool_is_not_kept(pool: Pool) -> None:
    async def retire() -> None:
        leased = await pool.lease(1)
        pool.retire()
        pool.release(leased)
        assert await pool.lease(1) is not leased

    asyncio.run(retire())

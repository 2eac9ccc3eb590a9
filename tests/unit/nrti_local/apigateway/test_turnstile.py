"""Requests pass one by one, what else the loop has to do gets on in between, and not too many wait."""

from __future__ import annotations

import asyncio

from nrti_local.apigateway.turnstile import MOST_WAITING, Turnstile


def test_another_task_gets_on_between_any_two_requests() -> None:
    order: list[str] = []

    async def request(turnstile: Turnstile) -> None:
        assert await turnstile.passes()
        order.append("request")

    async def execution() -> None:
        for _ in range(5):
            order.append("step")
            await asyncio.sleep(0)

    async def scenario() -> None:
        turnstile = Turnstile()
        await asyncio.gather(*(request(turnstile) for _ in range(20)), execution())

    asyncio.run(scenario())

    assert order.count("request") == 20
    assert order.index("step") < 5
    last_step = len(order) - order[::-1].index("step")
    assert order[:last_step].count("request") < 15


def test_requests_beyond_the_bound_are_rejected_at_once_and_the_others_pass() -> None:
    async def scenario() -> list[bool]:
        turnstile = Turnstile()
        return await asyncio.gather(*(turnstile.passes() for _ in range(MOST_WAITING + 11)))

    passed = asyncio.run(scenario())

    assert passed.count(False) == 10
    assert all(passed[: MOST_WAITING + 1])


def test_a_disconnected_client_does_not_hold_up_the_others() -> None:
    async def scenario() -> None:
        turnstile = Turnstile()
        tasks = [asyncio.create_task(turnstile.passes()) for _ in range(4)]
        await asyncio.sleep(0)
        tasks[2].cancel()
        assert await tasks[3]
        assert await turnstile.passes()

    asyncio.run(asyncio.wait_for(scenario(), 5))

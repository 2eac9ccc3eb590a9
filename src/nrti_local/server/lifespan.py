"""The patch to ministack's shutdown: what was accepted is worked off before the state is saved."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from ministack.core import lambda_runtime

from nrti_local.lambda_.pools import POOLS
from nrti_local.ministack.patch import Patch
from nrti_local.stepfunctions.express import EXECUTIONS

Handle = Callable[[Any, Any, Any], Awaitable[None]]


def _work_off(original: Handle) -> Handle:
    async def handle(scope: Any, receive: Callable[[], Awaitable[Any]], send: Any) -> None:
        async def prepared() -> Any:
            message = await receive()
            if message["type"] == "lifespan.startup":
                EXECUTIONS.bind(asyncio.get_running_loop())
            if message["type"] == "lifespan.shutdown":
                await asyncio.to_thread(EXECUTIONS.drain)
                await asyncio.to_thread(lambda_runtime.reset)
                await asyncio.to_thread(POOLS.end)
            return message

        await original(scope, prepared, send)

    return handle


PATCHES = (
    Patch(
        "ministack.app",
        "_handle_lifespan",
        "A shutdown drops the executions that were accepted, and leaves the Lambda workers to themselves.",
        _work_off,
    ),
)

"""Completes accepted work before ministack shuts down and its state is saved."""

from __future__ import annotations

import asyncio
from typing import Any

from ministack.core import lambda_runtime

from nrti_local.lambda_.pools import POOLS
from nrti_local.server.asgi import Application, Receive, Scope, Send
from nrti_local.stepfunctions import lanes


def before(ministack: Application) -> Application:
    """Binds the executions to the loop at startup. At shutdown ends them, then the Lambda workers."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        async def prepared() -> Any:
            message = await receive()
            if message["type"] == "lifespan.startup":
                lanes.bind(asyncio.get_running_loop())
            if message["type"] == "lifespan.shutdown":
                await asyncio.to_thread(lanes.drain)
                await asyncio.to_thread(lambda_runtime.reset)
                await asyncio.to_thread(POOLS.end)
            return message

        await ministack(scope, prepared if scope["type"] == "lifespan" else receive, send)

    return serve

"""Admits the requests to REST APIs one at a time, so that executions in progress keep advancing.

Requests and executions share one event loop. Without a turnstile each pass of the loop would answer every
request that has arrived since the last one, however many, while an execution needs several passes. Under
overload the executions would hardly advance.
"""

from __future__ import annotations

import asyncio
from collections import deque

#: The most requests that wait. At a millisecond each, the last one waits for less than a quarter of a second.
MOST_WAITING = 200


class Turnstile:
    """Admits one request per pass of the event loop."""

    def __init__(self) -> None:
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._turning = False

    async def passes(self) -> bool:
        """Waits for a turn; returns False at once if too many requests are waiting."""
        if not self._turning:
            self._turning = True
            asyncio.get_running_loop().call_soon(self._turn)
            return True
        if len(self._waiting) >= MOST_WAITING:
            return False
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        await turn
        return True

    def _turn(self) -> None:
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():  # its client may have disconnected
                turn.set_result(None)
                asyncio.get_running_loop().call_soon(self._turn)
                return
        self._turning = False

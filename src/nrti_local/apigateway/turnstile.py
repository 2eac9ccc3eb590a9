"""Lets requests to APIs in one by one, so that they and the executions they start get on alike.

All of them share one event loop. Without a turnstile each pass of the loop would answer every request that
has come meanwhile, however many, and an execution, which takes several passes, would hardly get on at all:
just when there is most to do, least would be done.
"""

from __future__ import annotations

import asyncio
from collections import deque

#: Requests that may wait: at a millisecond each they wait for less than a quarter of a second.
MOST_WAITING = 200


class Turnstile:
    """Lets one through per pass of the event loop."""

    def __init__(self) -> None:
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._turning = False

    async def passes(self) -> bool:
        """Waits for a turn; False, at once, if too many are waiting already."""
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
            if not turn.done():  # its client may have gone
                turn.set_result(None)
                asyncio.get_running_loop().call_soon(self._turn)
                return
        self._turning = False

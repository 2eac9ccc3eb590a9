"""The time-out of integrations."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any, TypeVar

from nrti_local.apigateway.errors import GatewayError

Answer = TypeVar("Answer")
_logger = logging.getLogger(__name__)
#: Unless the integration says otherwise.
_DEFAULT_MILLISECONDS = 29_000
#: What goes on after its time; the event loop itself holds no task.
_late: set[asyncio.Task[Any]] = set()


async def in_time(integration: dict[str, Any], asked: Coroutine[Any, Any, Answer]) -> Answer:
    """Returns the answer of the service behind; what was asked goes on if that takes too long, as on AWS.

    Raises:
        GatewayError: it took too long.
    """
    task = asyncio.create_task(asked)
    timeout = (integration.get("timeoutInMillis") or _DEFAULT_MILLISECONDS) / 1000
    done, _ = await asyncio.wait([task], timeout=timeout)
    if not done:
        _late.add(task)
        task.add_done_callback(_end)
        raise GatewayError("INTEGRATION_TIMEOUT")
    return task.result()


def _end(task: asyncio.Task[Any]) -> None:
    _late.discard(task)
    if not task.cancelled() and (error := task.exception()):
        _logger.warning("failed after the integration's timeout: %s", error)

"""Calls that wait for AWS, in threads that do not delay the end of the program."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import Future
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

Found = TypeVar("Found")


async def in_thread(call: Callable[[], Found]) -> Found:
    """The result of a call, made in a thread of its own.

    `asyncio.to_thread` would do, but its threads are waited for after Ctrl-C: for minutes, if a query of
    Athena takes so long.
    """
    future: Future[Found] = Future()
    threading.Thread(target=_run, args=(call, future), daemon=True).start()
    return await asyncio.wrap_future(future)


def _run(call: Callable[[], Found], future: Future[Found]) -> None:
    if not future.set_running_or_notify_cancel():
        return
    try:
        found = call()
    except BaseException as error:  # noqa: BLE001 (the one who waits gets it)
        future.set_exception(error)
    else:
        future.set_result(found)

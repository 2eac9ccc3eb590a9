"""What the journal has of an execution that starts another one: one entry, until both are over."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from nrti_local.durability.journal import Entry, Horizon, Journal
from nrti_local.stepfunctions import lanes
from nrti_local.stepfunctions.acceptance import Acceptance


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    opened = Journal(tmp_path / "journal.db", Horizon())
    yield opened
    opened.close()


def _entry(name: str, *, nested: bool = False) -> Entry:
    started = "2026-01-01T00:00:00Z"
    return Entry("000000000000", "eu-central-2", "arn:machine", f"arn:{name}", name, started, "{}", nested)


async def _started(
    acceptance: Acceptance, entry: Entry, run: Callable[[], Awaitable[None]]
) -> asyncio.Future[None]:
    """Accepts an execution as `service` does; returns what is done when it is over."""
    number, written = acceptance.accept(entry)
    over = acceptance.run(number, cast("Any", SimpleNamespace(entry=entry, run=run)))
    if written:
        await asyncio.wrap_future(written)
    return asyncio.wrap_future(over)


def _open(journal: Journal) -> frozenset[int]:
    with journal.still() as horizon:
        return horizon.open


def test_an_execution_is_open_until_those_that_it_started_are_over(journal: Journal, tmp_path: Path) -> None:
    async def scenario() -> None:
        lanes.bind(asyncio.get_running_loop())
        acceptance, may_end = Acceptance(), asyncio.Event()
        acceptance.use(journal, tuple, _save)
        inner: list[asyncio.Future[None]] = []

        async def wait() -> None:
            await may_end.wait()

        async def start_another() -> None:
            task = asyncio.create_task(_started(acceptance, _entry("inner", nested=True), wait))
            inner.append(await task)  # a Task state calls its service in a task, too

        await (await _started(acceptance, _entry("outer"), start_another))
        assert _open(journal) == {1}
        may_end.set()
        await inner[0]
        assert not _open(journal)
        assert journal.ended == 1

    asyncio.run(scenario())
    journal.close()
    again = Journal(tmp_path / "journal.db", Horizon())
    again.close()
    assert [entry.name for entry in again.unfinished.values()] == ["outer"]


async def _save() -> bool:
    return True

"""A forked child takes a snapshot, one at a time; a child that fails or hangs does no harm."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from nrti_local.durability import snapshots
from nrti_local.durability.snapshots import Snapshots

_SECONDS = 10


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshots, "_INTERVAL_SECONDS", 0.01)
    monkeypatch.setattr(snapshots, "_POLL_SECONDS", 0.005)
    monkeypatch.setattr(snapshots, "_REST", 0)


async def _until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _SECONDS
    while not holds():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.005)


class Memory:
    """A state that saves itself as a test says, and records the results."""

    def __init__(self, save: Callable[[], None]) -> None:
        self._save = save
        self.changed = True
        self.outcomes: list[bool] = []

    @contextlib.contextmanager
    def moment(self, changed_only: bool) -> Iterator[Memory | None]:
        yield self if self.changed or not changed_only else None

    def write(self) -> None:
        self._save()

    def over(self, *, saved: bool) -> None:
        self.outcomes.append(saved)


def test_another_process_writes_what_the_memory_holds_now(tmp_path: Path) -> None:
    memory = {"value": "first"}

    def save() -> None:
        (tmp_path / memory["value"]).write_text(str(os.getpid()))

    async def scenario() -> None:
        taker = Snapshots(Memory(save).moment)
        taker.start()
        await _until((tmp_path / "first").exists)
        memory["value"] = "second"
        await _until((tmp_path / "second").exists)
        await taker.stop()

    asyncio.run(scenario())

    assert (tmp_path / "first").read_text() != str(os.getpid())


def test_a_snapshot_that_fails_is_reported_and_followed_by_another(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def save() -> None:
        with (tmp_path / "tries").open("a") as tries:
            tries.write("x")
        raise OSError("no space left on device")

    memory = Memory(save)

    async def scenario() -> None:
        taker = Snapshots(memory.moment)
        taker.start()
        await _until(lambda: len(memory.outcomes) >= 2)
        await taker.stop()

    asyncio.run(scenario())

    assert not any(memory.outcomes)
    assert "failed" in caplog.text


def test_a_snapshot_that_hangs_is_ended(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(snapshots, "_LONGEST_SECONDS", 0.05)

    assert not asyncio.run(Snapshots(Memory(lambda: time.sleep(_SECONDS)).moment).take())
    assert "failed with status 9" in caplog.text


def test_nothing_is_saved_when_nothing_changed_but_at_the_end() -> None:
    memory = Memory(lambda: None)
    memory.changed = False

    async def scenario() -> None:
        taker = Snapshots(memory.moment)
        assert not await taker.take()
        assert memory.outcomes == []
        await taker.stop()

    asyncio.run(scenario())

    assert memory.outcomes == [True]


def test_a_request_during_a_snapshot_gets_another_one(tmp_path: Path) -> None:
    memory = {"value": "first"}

    def save() -> None:
        (tmp_path / memory["value"]).touch()

    async def scenario() -> None:
        taker = Snapshots(Memory(save).moment)
        first = asyncio.create_task(taker.take())
        await asyncio.sleep(0)
        memory["value"] = "second"
        assert tuple(await asyncio.gather(first, taker.take())) == (True, True)

    asyncio.run(scenario())

    assert (tmp_path / "first").exists()
    assert (tmp_path / "second").exists()


def test_the_child_holds_no_port_of_the_server(tmp_path: Path) -> None:
    def save() -> None:
        (tmp_path / "begun").touch()
        while not (tmp_path / "go").exists():
            time.sleep(0.005)

    async def scenario() -> None:
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
            taking = asyncio.create_task(Snapshots(Memory(save).moment).take())
            await _until((tmp_path / "begun").exists)
        socket.create_server(("127.0.0.1", port), reuse_port=False).close()
        (tmp_path / "go").touch()
        assert await taking

    asyncio.run(scenario())


def test_stopping_waits_for_the_one_under_way(tmp_path: Path) -> None:
    def save() -> None:
        (tmp_path / "begun").touch()
        while not (tmp_path / "go").exists():
            time.sleep(0.005)
        (tmp_path / "done").touch()

    async def scenario() -> None:
        taker = Snapshots(Memory(save).moment)
        taker.start()
        await _until((tmp_path / "begun").exists)
        stopping = asyncio.create_task(taker.stop())
        await asyncio.sleep(0)
        (tmp_path / "go").touch()
        await stopping

    asyncio.run(scenario())

    assert (tmp_path / "done").exists()

"""Snapshots are taken by a forked child, one at a time, and a child that fails or hangs hurts nobody."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from nrti_cli.local import snapshots
from nrti_cli.local.snapshots import Snapshots

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


def test_another_process_writes_what_the_memory_holds_now(tmp_path: Path) -> None:
    memory = {"value": "first"}

    def save() -> None:
        (tmp_path / memory["value"]).write_text(str(os.getpid()))

    async def scenario() -> None:
        taker = Snapshots(save)
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

    async def scenario() -> None:
        taker = Snapshots(save)
        taker.start()
        await _until(lambda: (tmp_path / "tries").exists() and len((tmp_path / "tries").read_text()) >= 2)
        await _until(lambda: "failed" in caplog.text)
        await taker.stop()

    asyncio.run(scenario())


def test_a_snapshot_that_hangs_is_ended(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(snapshots, "_LONGEST_SECONDS", 0.05)

    async def scenario() -> None:
        taker = Snapshots(lambda: time.sleep(_SECONDS))
        taker.start()
        await _until(lambda: "failed with status 9" in caplog.text)
        await taker.stop()

    asyncio.run(scenario())


def test_stopping_waits_for_the_one_under_way(tmp_path: Path) -> None:
    def save() -> None:
        (tmp_path / "begun").touch()
        time.sleep(0.1)
        (tmp_path / "done").touch()

    async def scenario() -> None:
        taker = Snapshots(save)
        taker.start()
        await _until((tmp_path / "begun").exists)
        await taker.stop()

    asyncio.run(scenario())

    assert (tmp_path / "done").exists()

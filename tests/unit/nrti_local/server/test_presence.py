"""What is said of an embedded AWS: that it runs only if it answers, and else what it does."""

from __future__ import annotations

import asyncio
import json
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from nrti_local.server.processes import lock, notes
from nrti_local.server.processes.layout import Layout
from nrti_local.server.processes.presence import Replay, Silent, await_replay, replay, running, silent
from tests.local import forked


@pytest.fixture
def layout(tmp_path: Path) -> Iterator[Layout]:
    """One whose lock this process has, as a server that has just been killed has it for a moment longer."""
    layout = Layout(tmp_path / "local")
    held = lock.acquire(layout.lock)
    assert held is not None
    lock.sign(held)
    yield layout
    os.close(held)


def _announce(layout: Layout, port: int) -> None:
    facts = {"endpoint_url": f"http://127.0.0.1:{port}", "pid": 1, "since": "2026-11-27T00:00:00+00:00"}
    layout.running.write_text(json.dumps({**facts, "port": port}))


def test_one_that_does_not_answer_does_not_run(layout: Layout) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    _announce(layout, port)

    assert running(layout) is None
    assert silent(layout) == Silent(os.getpid(), "")


def test_the_status_of_one_that_hangs_says_what_to_do(layout: Layout) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    _announce(layout, port)
    home = layout.root.parent

    done = forked.nrti("local", "status", cwd=home, env={**os.environ, "NRTI_HOME": str(home)})

    assert done.returncode == 1
    assert done.stdout.startswith("it does not answer; nrti local stop --force ends it")
    assert f"pid      {os.getpid()}" in done.stdout


def test_one_that_starts_or_ends_does_not_count_as_hanging(layout: Layout) -> None:
    assert silent(layout) == Silent(os.getpid(), "starting")

    layout.stopping.write_text("saving its state")
    assert silent(layout) == Silent(os.getpid(), "saving its state")


def test_nothing_is_there_without_its_lock(tmp_path: Path) -> None:
    assert silent(Layout(tmp_path)) is None


def test_a_replay_is_awaited_and_its_progress_reported(layout: Layout) -> None:
    assert await_replay(layout, lambda _: None) is None
    layout.replaying.write_text("3 1200")
    reported: list[str] = []

    def report(progress: str) -> None:
        reported.append(progress)
        layout.replaying.unlink()

    assert await_replay(layout, report) is None
    assert reported == ["3 of 1,200 executions that were accepted before have run again"]
    assert replay(layout) is None


def test_the_server_reports_a_replay_until_its_end(layout: Layout) -> None:
    progress = iter([(0, 2), (1, 2), (2, 2)])
    read: list[Replay | None] = []

    def ask() -> tuple[int, int]:
        read.append(replay(layout))
        return next(progress)

    asyncio.run(notes.replay(ask, layout.replaying))

    assert read == [None, Replay(0, 2), Replay(1, 2)]
    assert replay(layout) is None

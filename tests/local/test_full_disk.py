"""The embedded AWS on a disk that fills up: commands say so in seconds, and what was accepted is kept."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest

from nrti_local import process
from nrti_local.server.disk import shortage
from tests.local.own import Own
from tests.waiting import eventually

pytestmark = pytest.mark.conditions
_FULL = "No space left on device"


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Own]:
    """An embedded AWS of the test's own on a disk of 12 MB, not yet started."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", disk], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("this user may not mount a disk")
    own = Own(disk)
    yield own
    process.destroy(own.layout)
    # What was killed may take a moment to let go of its files.
    unmount = partial(subprocess.run, ["umount", disk], capture_output=True, check=False)
    eventually(unmount, lambda done: done.returncode == 0)


def _fill(disk: Path) -> Path:
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file, suppress(OSError):
        while file.write(bytes(65536)):
            pass
    assert shortage(disk)
    return filler


def test_nothing_starts_where_there_is_no_room(small: Own) -> None:
    _fill(small.home)
    done = small.nrti("bootstrap")

    assert (done.returncode, done.stdout) == (1, "")
    [line] = done.stderr.splitlines()
    assert _FULL in line
    assert str(small.layout.root) in line


def test_a_disk_that_fills_up_is_named_by_all_that_needs_room_and_loses_nothing(
    small: Own, tmp_path: Path
) -> None:
    assert small.nrti("bootstrap", "--buffer-seconds", "1").returncode == 0
    assert small.nrti("train", "--name", "m1", "--rows", "2000").returncode == 0
    sent = ("--count", "5", "--rate", "50", "--ledger", "ledger.jsonl")
    assert small.nrti("produce", *sent).returncode == 0
    eventually(lambda: small.nrti("verify", "--ledger", "ledger.jsonl").returncode, lambda code: code == 0)
    filler = _fill(small.home)

    for arguments in (
        ("train", "--name", "m2", "--rows", "2000"),
        ("query", "select 1"),
        ("deploy-model", "--name", "m1", "--memory", "1024"),
    ):
        done = small.nrti(*arguments)
        assert done.returncode == 1, arguments
        assert _FULL in done.stderr.splitlines()[-1]
        assert str(small.layout.root) in done.stderr.splitlines()[-1]
    unsent = str(tmp_path / "unsent.jsonl")
    refused = small.nrti("produce", "--count", "1", "--retry-for", "1s", "--unsent", unsent)
    assert f"503 the disk of {small.layout.root} is full" in refused.stderr
    assert _FULL in small.nrti("status").stdout
    assert _FULL in small.nrti("local", "status").stdout

    filler.unlink()
    assert small.nrti("produce", *sent).returncode == 0
    eventually(lambda: small.nrti("verify", "--ledger", "ledger.jsonl").returncode, lambda code: code == 0)
    assert small.nrti("status").returncode == 0

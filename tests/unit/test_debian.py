"""Packages of Debian are unpacked without root; apt-get and dpkg-deb are played by scripts."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "scripts" / "debian.py"


@pytest.fixture
def tools(tmp_path: Path) -> Path:
    """Programs that note their arguments; apt-get downloads an archive, unless it is for `unknown`."""
    directory = tmp_path / "tools"
    directory.mkdir()
    calls = tmp_path / "calls"
    download = "case $* in *unknown) echo E: no such package; exit 100;; *download*) : > a.deb;; esac"
    for name, script in {"apt-get": download, "dpkg-deb": ""}.items():
        program = directory / name
        program.write_text(f'#!/bin/sh\necho "{name} $*" >> {calls}\n{script}\n')
        program.chmod(0o755)
    return directory


def _unpack(tools: Path, *packages: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(SCRIPT), "there", *packages],
        capture_output=True,
        text=True,
        check=False,
        cwd=tools.parent,
        env={**os.environ, "PATH": str(tools)},
    )


def test_packages_are_downloaded_by_lists_of_their_own_and_unpacked(tools: Path) -> None:
    done = _unpack(tools, "one", "two")

    assert (done.returncode, done.stderr) == (0, "")
    place = (tools.parent / "there").resolve()
    options = f"-qq -o Dir::State::Lists={place}/archives/lists -o Dir::Cache={place}/archives/cache"
    assert (tools.parent / "calls").read_text().splitlines() == [
        f"apt-get {options} update",
        f"apt-get {options} download one two",
        f"dpkg-deb --extract {place}/archives/a.deb {place}",
    ]
    assert list(place.iterdir()) == []


def test_what_apt_says_is_shown_when_it_fails(tools: Path) -> None:
    done = _unpack(tools, "unknown")

    assert (done.returncode, done.stderr) == (1, "E: no such package\n")


def test_a_system_without_apt_is_named(tools: Path) -> None:
    (tools / "apt-get").unlink()

    done = _unpack(tools, "velocity")

    assert (done.returncode, done.stderr) == (
        1,
        "apt-get missing: velocity comes from Debian's packages\n",
    )

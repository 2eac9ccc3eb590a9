"""`make` installs by uv if it is there, else by pip: both are played by scripts that note their arguments."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "scripts" / "install.py"


@pytest.fixture
def tools(tmp_path: Path) -> Path:
    (tmp_path / "tools").mkdir()
    return tmp_path / "tools"


def _plays(path: Path, script: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def _install(tools: Path, *wanted: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(SCRIPT), "env", "nrti", *wanted],
        capture_output=True,
        text=True,
        check=False,
        cwd=tools.parent,
        env={**os.environ, "PATH": f"{tools}:/bin"},
    )


def test_uv_is_used_when_it_is_there(tools: Path) -> None:
    _plays(tools / "uv", 'echo "uv $*" >> calls')

    done = _install(tools, "--editable", ".")

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(
        "installing nrti into env/ by uv\ninstalling nrti into env/ by uv: done in "
    )
    assert (tools.parent / "calls").read_text().splitlines() == [
        f"uv venv --seed --allow-existing --python {sys.executable} env",
        "uv pip install --python env/bin/python --editable .",
    ]


@pytest.mark.parametrize("group", [[], ["--group", "dev"]])
def test_pip_is_used_else_in_a_version_that_is_quick_and_knows_groups(tools: Path, group: list[str]) -> None:
    _plays(tools.parent / "env" / "bin" / "python", 'echo "$*" >> calls')

    assert _install(tools, "--editable", ".", *group).returncode == 0

    pip = "-m pip install --disable-pip-version-check --no-compile"
    assert (tools.parent / "calls").read_text().splitlines() == [
        "-c import pip",
        f"{pip} pip>=25.1",
        " ".join([pip, "--editable", ".", *group]),
    ]


def test_what_was_said_is_shown_when_it_fails(tools: Path) -> None:
    _plays(tools / "uv", 'echo "no such package"; echo "look elsewhere" >&2; exit 3')

    done = _install(tools, ".")

    assert done.returncode == 3
    assert done.stdout.splitlines()[-1] == "installing nrti into env/ by uv: failed:"
    assert done.stderr == "no such package\nlook elsewhere\n"

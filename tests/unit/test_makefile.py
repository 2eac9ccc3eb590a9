"""What the targets of make need is installed whole, or again; and what fails says why."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
_RULE = re.compile(r"^(\.venv[^\s:]*):", re.MULTILINE)


def _make(*arguments: str, path: str = os.environ["PATH"]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", "--no-builtin-rules", *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env={**os.environ, "PATH": path, "MAKEFLAGS": ""},  # of the make that runs the tests
    )


def test_what_is_made_are_stamps_because_an_interrupted_directory_looks_complete() -> None:
    made = set(_RULE.findall(_make("--print-data-base", "--question").stdout))

    assert len(made) > 10
    assert not [name for name in made if not Path(name).name.startswith(".")]


def test_a_failed_installation_by_npm_shows_its_reason_and_is_tried_again(tmp_path: Path) -> None:
    tools, scripts = tmp_path / "tools", tmp_path / "scripts"
    tools.mkdir()
    npm = tools / "npm"
    npm.write_text(f'#!/bin/sh\nmkdir -p "{scripts}/node_modules"\necho "$@" >&2\nexit 7\n')
    npm.chmod(0o755)

    for _ in range(2):
        done = _make(f"SCRIPTS={scripts}", f"{scripts}/.installed", path=f"{tools}:{os.environ['PATH']}")

        assert done.returncode
        assert "--loglevel error" in done.stderr

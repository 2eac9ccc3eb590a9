"""Programs for Node.js, run beside the packages that `make` has installed for them."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.clients.venv import PROGRAMS, ROOT

_PACKAGES = ROOT / ".venv-javascript" / "node_modules"


def require(package: str, target: str) -> None:
    """Skips the tests without Node.js or a package, and says which target of make installs it."""
    if not shutil.which("node") or not (_PACKAGES / package).is_dir():
        pytest.skip(f"Node.js or {package} is missing; `make {target}` installs the package")


def run(
    directory: Path,
    program: str,
    *arguments: str,
    options: tuple[str, ...] = (),
    variables: Mapping[str, str] | None = None,
) -> str:
    """What a program prints, which must end well.

    Args:
        directory: gets the programs and their packages, and is where they run.
        program: its file.
        arguments: of the program.
        options: of Node.js.
        variables: of the environment, beside the inherited ones.
    """
    if not (directory / "node_modules").exists():
        (directory / "node_modules").symlink_to(_PACKAGES)
    for each in (PROGRAMS / "javascript").glob("*.mjs"):
        shutil.copy(each, directory)
    done = subprocess.run(
        ["node", *options, program, *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
        cwd=directory,
        env={**os.environ, **(variables or {})},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout

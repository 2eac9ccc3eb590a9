"""Programs for Node.js, run beside the packages that `make` has installed for the judges."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.clients.venv import PROGRAMS, ROOT

_PACKAGES = ROOT / ".venv-javascript" / "node_modules"


def require(package: str, target: str) -> None:
    """Skips the tests without Node.js or a package, and says which target of make installs it."""
    if not shutil.which("node") or not (_PACKAGES / package).is_dir():
        pytest.skip(f"Node.js or {package} is missing; `make {target}` installs the package")


def answer(program: str, question: Any, directory: Path) -> Any:
    """The JSON that a program prints about a JSON document, which it gets as a file."""
    if not (directory / "node_modules").exists():
        (directory / "node_modules").symlink_to(_PACKAGES)
    shutil.copy(PROGRAMS / "javascript" / program, directory)
    (directory / "question.json").write_text(json.dumps(question))
    done = subprocess.run(
        ["node", program, "question.json"],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
        cwd=directory,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)

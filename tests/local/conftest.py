"""The embedded AWS, once per test process: empty, with the stack on it, and with a published model."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from nrti_cli.aws.target import Target
from nrti_cli.local import process
from nrti_cli.local.layout import Layout


@pytest.fixture(scope="session")
def nrti_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A home directory of the tests' own; everything started in it ends with them."""
    home = tmp_path_factory.mktemp("nrti-home")
    before = os.environ.get("NRTI_HOME")
    os.environ["NRTI_HOME"] = str(home)
    yield home
    process.destroy(Layout(home / "local"))
    if before is None:
        del os.environ["NRTI_HOME"]
    else:
        os.environ["NRTI_HOME"] = before


@pytest.fixture(scope="session")
def embedded(nrti_home: Path) -> Target:
    """An embedded AWS without a stack."""
    running = process.start(Layout(nrti_home / "local"))
    return Target(name="local", stack="nrti", endpoint_url=running.endpoint_url)

"""The embedded AWS that the judges look at; `make test-clients` and its siblings run them."""

from __future__ import annotations

import pytest

from tests.clients.venv import Venv
from tests.local.conftest import embedded, nrti, nrti_home, pipeline  # noqa: F401 (fixtures)


@pytest.fixture(scope="session")
def clients() -> Venv:
    """Where the clients and moto are."""
    return Venv.of("clients")


@pytest.fixture(scope="session")
def toolkit() -> Venv:
    """Where AWS's toolkit is."""
    return Venv.of("toolkit")

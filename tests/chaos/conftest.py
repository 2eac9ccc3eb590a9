"""A system under attack for each test, and the moments of the attacks."""

from __future__ import annotations

import os
from collections.abc import Iterator
from random import Random

import pytest

from tests.chaos.system import System, own_system
from tests.unit.remote.alerts import receivers

receiver, webhook = receivers.receiver, receivers.webhook


@pytest.fixture
def system() -> Iterator[System]:
    with own_system() as system:
        yield system


@pytest.fixture
def throttled() -> Iterator[System]:
    with own_system(server="tests.chaos.throttling_server") as system:
        yield system


@pytest.fixture
def sleeping() -> Iterator[System]:
    with own_system(server="tests.chaos.sleeping_server") as system:
        yield system


@pytest.fixture
def rng() -> Random:
    """Draws the moments; a failure shows the seed, and NRTI_CHAOS_SEED draws the same ones again."""
    seed = os.environ.get("NRTI_CHAOS_SEED") or os.urandom(4).hex()
    print(f"the moments are those of NRTI_CHAOS_SEED={seed}")
    return Random(seed)  # noqa: S311 (no secret)

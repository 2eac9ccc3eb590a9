"""For all tests, and the hundreds of processes that they start."""

import gc
import os

from hypothesis import HealthCheck, Phase, settings

# One thread for scikit-learn: its threads wait for each other by spinning, which takes time from the others.
os.environ["OMP_NUM_THREADS"] = "1"
# The first process keeps what it has compiled of nrti; else each compiles it anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# The tests with random input make the same up each time: a few in `make test`, many in `make fuzz`. They have
# no time limit, which a busy machine would exceed.
settings.register_profile(
    "short",
    max_examples=20,
    derandomize=True,
    database=None,
    deadline=None,
    phases=(Phase.generate,),  # to find a smaller example takes minutes over a network
    suppress_health_check=list(HealthCheck),
)
settings.register_profile("fuzz", settings.get_profile("short"), max_examples=1_000)
settings.load_profile("short")


def pytest_collectstart() -> None:
    """What the tests import stays: each full collection of garbage would take half a second to find that."""
    gc.disable()


def pytest_collection_finish() -> None:
    gc.freeze()
    gc.enable()

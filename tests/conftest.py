"""For all tests, and the hundreds of processes that they start."""

import gc
import os

# One thread for scikit-learn: its threads wait for each other by spinning, which takes time from the others.
os.environ["OMP_NUM_THREADS"] = "1"
# The first process keeps what it has compiled of nrti; else each compiles it anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


def pytest_collectstart() -> None:
    """What the tests import stays: each full collection of garbage would take half a second to find that."""
    gc.disable()


def pytest_collection_finish() -> None:
    gc.freeze()
    gc.enable()

"""Runs nrti as a user does, in a home directory of the benchmark's own."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import chdir, contextmanager
from pathlib import Path

from nrti_cli.aws.addressing import resolve
from nrti_cli.aws.target import Target
from nrti_local import process
from nrti_local.process import KEY, REGION
from nrti_local.server.processes.layout import Layout

NRTI = str(Path(sys.executable).with_name("nrti"))


def seconds(*command: str, code: int = 0) -> float:
    """How long a command takes as a whole process that ends with this exit code."""
    began = time.perf_counter()
    done = subprocess.run(command, check=False, capture_output=True)
    taken = time.perf_counter() - began
    assert done.returncode == code, done.stderr
    return taken


def median_seconds(*command: str, repeats: int = 11, code: int = 0) -> float:
    """The median over some runs; the first, which fills the caches, does not count."""
    seconds(*command, code=code)
    return statistics.median(seconds(*command, code=code) for _ in range(repeats))


def interleaved_medians(*commands: Sequence[str], repeats: int = 11) -> list[float]:
    """Medians of commands that take turns, so that a busy machine is unfair to none."""
    for command in commands:
        seconds(*command)
    rounds = [[seconds(*command) for command in commands] for _ in range(repeats)]
    return [statistics.median(column) for column in zip(*rounds, strict=True)]


@contextmanager
def own_home() -> Iterator[Path]:
    """A fresh `$NRTI_HOME`, with whatever was started in it ended afterwards.

    It is the current directory too: a producer leaves a file there of what it could not send.
    """
    with tempfile.TemporaryDirectory(prefix="nrti-bench-") as directory, chdir(directory):
        os.environ["NRTI_HOME"] = directory
        try:
            yield Path(directory)
        finally:
            process.destroy(Layout(Path(directory) / "local"))
            del os.environ["NRTI_HOME"]


def target() -> Target:
    """The target that the last `nrti bootstrap` remembered."""
    return resolve()


@contextmanager
def addressed(aws: Target) -> Iterator[None]:
    """The variables by which other clients find the embedded AWS, as `nrti local env` says them."""
    assert aws.endpoint_url
    variables = {
        "AWS_ENDPOINT_URL": aws.endpoint_url,
        "AWS_ACCESS_KEY_ID": KEY,
        "AWS_SECRET_ACCESS_KEY": KEY,
        "AWS_DEFAULT_REGION": REGION,
    }
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})

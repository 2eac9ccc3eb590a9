"""The processes of an embedded AWS, by what they are for."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import psutil

from tests.waiting import eventually

#: What the command line of a child holds, from the first that fits: the names of modules begin alike.
_ROLES = (
    ("nrti_local.sagemaker.serving.worker", "model server"),
    ("nrti_local.sagemaker", "sagemaker"),
    ("nrti_local.firehose", "delivery bridge"),
    ("lambda-nrti-inference-", "inference worker"),
    ("lambda-nrti-transform-", "transform worker"),
    ("lambda-nrti-shadow-", "shadow worker"),
    ("train.py", "training"),
)
_GONE_SECONDS = 20.0


def all_of(server: int) -> Iterator[tuple[str, psutil.Process]]:
    """The server and its descendants, each with its role.

    A fork of the server, which writes a snapshot and ends, is `snapshot`.

    Args:
        server: the server's process id.
    """
    with contextlib.suppress(psutil.NoSuchProcess):
        process = psutil.Process(server)
        own = process.cmdline()
        yield "server", process
        for child in process.children(recursive=True):
            with contextlib.suppress(psutil.NoSuchProcess):
                line = child.cmdline()
                yield "snapshot" if line == own else _role(" ".join(line)), child


def _role(line: str) -> str:
    return next((role for mark, role in _ROLES if mark in line), "other")


def kill(server: int, role: str) -> int:
    """Kills every process of a role with SIGKILL and returns how many there were."""
    found = [process for its_role, process in all_of(server) if its_role == role]
    for process in found:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    return len(found)


def model_directories(server: int) -> Iterator[str]:
    """The directories of the models whose servers run; two models of one artifact share one."""
    for role, process in all_of(server):
        if role == "model server":
            with contextlib.suppress(psutil.NoSuchProcess):
                yield process.environ()["SM_MODEL_DIR"]


def signal_model(server: int, directory: str, number: int) -> int:
    """Sends a signal to the servers of one model, and returns how many there were."""
    count = 0
    for role, process in all_of(server):
        with contextlib.suppress(psutil.NoSuchProcess):
            if role == "model server" and process.environ()["SM_MODEL_DIR"] == directory:
                process.send_signal(number)
                count += 1
    return count


def kill_server(server: int) -> None:
    """Kills the server alone with SIGKILL, and waits until it and all that it had started are gone.

    Raises:
        TimeoutError: something outlives it.
    """
    family = [process for _, process in all_of(server)]
    family[0].kill()
    _, alive = psutil.wait_procs(family, timeout=_GONE_SECONDS)
    if alive:
        raise TimeoutError(f"these outlive the server: {[' '.join(p.cmdline()) for p in alive]}")


def await_role(server: int, role: str) -> None:
    """Waits until a process of a role is there, again or for the first time."""
    eventually(lambda: {found for found, _ in all_of(server)}, lambda roles: role in roles)

"""Findings, and checks that always return one."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Literal

from nrti_cli.aws.errors import explain
from nrti_cli.errors import NrtiError

State = Literal["ok", "warn", "failed"]
#: Timeout of a check in seconds. Without a network they end sooner; IAM needs some twenty calls.
_DEADLINE = 20.0


@dataclass(frozen=True)
class Finding:
    """The result of a check.

    Attributes:
        check: its name, such as `disk`.
        state: `warn` may fail later, or could not be checked; `failed` will fail.
        found: a short description.
        advice: what to do; empty if all is well.
    """

    check: str
    state: State
    found: str
    advice: str = ""


@dataclass(frozen=True)
class Check:
    """A named check.

    Attributes:
        examine: returns the finding; an exception becomes one.
    """

    name: str
    examine: Callable[[], Finding]


def run(checks: Iterable[Check]) -> list[Finding]:
    """Runs the checks concurrently; one that does not end in time has failed."""
    pool = ThreadPoolExecutor(max_workers=16)
    futures = [(check, pool.submit(_safely, check)) for check in checks]
    findings = [_result(check, future) for check, future in futures]
    # Threads that still wait for the network are abandoned.
    pool.shutdown(wait=False, cancel_futures=True)
    return findings


def _result(check: Check, future: Future[Finding]) -> Finding:
    try:
        return future.result(timeout=_DEADLINE)
    except TimeoutError:
        return Finding(check.name, "failed", f"no answer within {_DEADLINE:.0f} s", "check the network")


def _safely(check: Check) -> Finding:
    try:
        return check.examine()
    except Exception as error:  # noqa: BLE001 (any exception is a finding)
        known = error if isinstance(error, NrtiError) else explain(error)
        if known:
            return Finding(check.name, "failed", known.message, known.hint)
        return Finding(check.name, "failed", f"{type(error).__name__}: {error}")

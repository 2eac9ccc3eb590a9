"""What a check comes to, and checks that always come to something."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Literal

from nrti_cli.aws.errors import explain
from nrti_cli.errors import NrtiError

State = Literal["ok", "warn", "failed"]
#: Seconds that a check may take. Without a network they end sooner; IAM is asked some twenty times.
_DEADLINE = 20.0


@dataclass(frozen=True)
class Finding:
    """What a check found.

    Attributes:
        check: what was looked at, such as `disk`.
        state: `warn` is what may fail later, or could not be looked at; `failed` will fail.
        found: in a few words.
        advice: what to do; nothing if all is well.
    """

    check: str
    state: State
    found: str
    advice: str = ""


@dataclass(frozen=True)
class Check:
    """A check by its name.

    Attributes:
        look: raises what it will; its text is the finding then.
    """

    name: str
    look: Callable[[], Finding]


def run(checks: Iterable[Check]) -> list[Finding]:
    """Does the checks at the same time; what does not end in time has failed."""
    pool = ThreadPoolExecutor(max_workers=16)
    futures = [(check, pool.submit(_safely, check)) for check in checks]
    findings = [_result(check, future) for check, future in futures]
    # What still waits for a network is left to itself.
    pool.shutdown(wait=False, cancel_futures=True)
    return findings


def _result(check: Check, future: Future[Finding]) -> Finding:
    try:
        return future.result(timeout=_DEADLINE)
    except TimeoutError:
        return Finding(check.name, "failed", f"no answer within {_DEADLINE:.0f} s", "check the network")


def _safely(check: Check) -> Finding:
    try:
        return check.look()
    except Exception as error:  # noqa: BLE001 (whatever is wrong here is what the user asked about)
        known = error if isinstance(error, NrtiError) else explain(error)
        if known:
            return Finding(check.name, "failed", known.message, known.hint)
        return Finding(check.name, "failed", f"{type(error).__name__}: {error}")

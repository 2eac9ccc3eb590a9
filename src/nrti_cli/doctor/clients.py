"""Clients for checks that run at the same time and may meet a network that is not there."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from botocore.session import Session

    from nrti_cli.aws.target import Target

#: Seconds, and one attempt: the user waits for it.
_QUICKLY: dict[str, Any] = {
    "connect_timeout": 3,
    "read_timeout": 5,
    "retries": {"mode": "standard", "total_max_attempts": 1},
}
#: Clients and sessions can be used by several threads, and not be made by them.
_making = Lock()


def client(target: Target, service: str) -> Any:
    """A client that says soon whether it gets an answer."""
    with _making:
        return target.client(service, **_QUICKLY)


def session(target: Target) -> Session:
    """The session of a target."""
    with _making:
        return target.session

"""Clients for checks that run concurrently and may have no network."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from botocore.session import Session

    from nrti_cli.aws.target import Target

#: Timeout in seconds, without retries: the user is waiting.
_QUICKLY: dict[str, Any] = {
    "connect_timeout": 3,
    "read_timeout": 5,
    "retries": {"mode": "standard", "total_max_attempts": 1},
}
#: Threads can share clients and sessions, but must not create them concurrently.
_making = Lock()


def client(target: Target, service: str) -> Any:
    """A client with a short timeout."""
    with _making:
        return target.client(service, **_QUICKLY)


def session(target: Target) -> Session:
    """The session of a target."""
    with _making:
        return target.session

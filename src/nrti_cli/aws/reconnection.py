"""If nothing listens at the endpoint: fail at once, or wait for a restart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from botocore.exceptions import EndpointConnectionError

from nrti_cli.aws.addresses import is_loopback


@dataclass
class Reconnection:
    """A retry rule for a client of the AWS SDK, for its event `needs-retry`.

    A client that has had a response waits for a minute: the embedded AWS is being restarted, or the network
    is interrupted. Before the first response an address on this machine fails at once, because retries would
    only delay the error message. All other failures are left to the SDK's own rules.

    Attributes:
        attempts: the number of attempts, one after each pause.
        pause: seconds between two attempts.
    """

    attempts: int = 60
    pause: float = 1.0
    _responded: bool = False

    def __call__(
        self, response: object, caught_exception: Exception | None, attempts: int, **_: object
    ) -> float | Literal[False] | None:
        """Returns the seconds to wait before the next attempt, False to give up, or None for no opinion."""
        self._responded |= response is not None
        if not isinstance(caught_exception, EndpointConnectionError):
            return None
        if self._responded:
            return self.pause if attempts <= self.attempts else False
        return False if is_loopback(str(caught_exception.kwargs["endpoint_url"])) else None

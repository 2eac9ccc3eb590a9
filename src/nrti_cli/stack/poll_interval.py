"""How often to poll a long operation, and when to give up."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nrti_cli.aws.target import Target


@dataclass(frozen=True)
class PollInterval:
    """Poll interval and timeout.

    Attributes:
        interval: seconds between two polls.
        timeout: seconds without progress after which the operation is given up.
        tag_lag: seconds for which deleted resources may still be found by their tag.
        sleep: sleeps for some seconds.
        clock: a monotonic clock, in seconds.
    """

    interval: float
    timeout: float
    tag_lag: float
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic

    @classmethod
    def of(cls, target: Target) -> PollInterval:
        """Short on the embedded AWS, where operations take a second; AWS throttles frequent polls."""
        return cls(0.1, 10, 1) if target.name == "local" else cls(2, 3600, 300)

    def wait(self) -> None:
        """Sleeps until the next poll."""
        self.sleep(self.interval)

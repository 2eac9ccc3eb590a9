"""How often to look at something that takes its time, and how long to bear its silence."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nrti_cli.aws.target import Target


@dataclass(frozen=True)
class Pace:
    """The rhythm of a wait.

    Attributes:
        interval: seconds between two looks.
        patience: seconds without any news after which the operation counts as dead.
        tag_lag: seconds for which resources that have gone may still be found by their tag.
        sleep: waits that many seconds.
        clock: seconds that only grow.
    """

    interval: float
    patience: float
    tag_lag: float
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic

    @classmethod
    def of(cls, target: Target) -> Pace:
        """Locally everything happens within a second; AWS throttles those who ask too often."""
        return cls(0.1, 10, 1) if target.name == "local" else cls(2, 3600, 300)

    def rest(self) -> None:
        """Waits until it is time for another look."""
        self.sleep(self.interval)

"""AWS's clock, by the dates of its answers: the clock of this machine may differ."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

#: Answers have whole seconds, rounded down, and take a moment: a smaller difference is none.
_TOLERANCE = timedelta(seconds=2)
_HALF = timedelta(seconds=0.5)


class Clock:
    """The time at AWS.

    Args:
        local: this machine's clock, in epoch seconds.

    Attributes:
        answered: the date of the last answer in whole seconds, rounded down; None before the first.
    """

    def __init__(self, local: Callable[[], float] = time.time) -> None:
        self._local = local
        self._ahead = timedelta()
        self.answered: datetime | None = None

    def note(self, answer: Mapping[str, Any]) -> None:
        """Reads the date of an answer of the SDK; one without a date changes nothing."""
        date = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("date")
        if not date:
            return
        self.answered = parsedate_to_datetime(date).astimezone(UTC)
        ahead = self.answered + _HALF - self._here()
        self._ahead = ahead if abs(ahead) > _TOLERANCE else timedelta()

    def now(self) -> datetime:
        """The time, exact to two seconds."""
        return self._here() + self._ahead

    def _here(self) -> datetime:
        return datetime.fromtimestamp(self._local(), UTC)

"""Retry and Catch: how often and when a state is tried again, and where its failure leads."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

from nrti_local.stepfunctions.asl.errors import RUNTIME, EvaluationError, StateError, matches
from nrti_local.stepfunctions.asl.paths import Path, place, reference

#: The most attempts, and seconds of a delay, that a definition may name.
_MOST_ATTEMPTS, _LONGEST_DELAY = 99_999_999, 31_622_400


@dataclass(frozen=True)
class Retrier:
    """One entry of a Retry field.

    Attributes:
        errors: the names of the errors it retries.
        attempts: how many retries it allows.
        interval: seconds before the first retry.
        rate: factor from one delay to the next.
        longest: seconds of a delay at most.
        jitter: whether a delay is chosen at random between zero and its length.
    """

    errors: tuple[str, ...]
    attempts: int
    interval: float
    rate: float
    longest: float
    jitter: bool

    @classmethod
    def of(cls, definition: dict[str, Any]) -> Retrier:
        """Reads an entry.

        Raises:
            EvaluationError: a value is out of its range.
        """
        retrier = cls(
            errors=tuple(definition["ErrorEquals"]),
            attempts=definition.get("MaxAttempts", 3),
            interval=definition.get("IntervalSeconds", 1),
            rate=definition.get("BackoffRate", 2.0),
            longest=definition.get("MaxDelaySeconds", _LONGEST_DELAY),
            jitter=definition.get("JitterStrategy", "NONE") == "FULL",
        )
        if retrier.rate < 1 or not 0 <= retrier.attempts <= _MOST_ATTEMPTS or retrier.interval < 0:
            raise EvaluationError(RUNTIME, f"A Retry is out of range: {definition}")
        return retrier

    def delay(self, retries: int) -> float:
        """Seconds to wait before the next retry, after so many."""
        try:
            seconds = min(self.interval * self.rate**retries, self.longest)
        except OverflowError:
            seconds = self.longest
        return random.uniform(0, seconds) if self.jitter else seconds  # noqa: S311 - spreads load


@dataclass(frozen=True)
class Catcher:
    """One entry of a Catch field.

    Attributes:
        errors: the names of the errors it catches.
        following: the name of the state that goes on.
        result_path: where the error goes in the state's input; None drops it.
    """

    errors: tuple[str, ...]
    following: str
    result_path: Path | None

    @classmethod
    def of(cls, definition: dict[str, Any]) -> Catcher:
        """Reads an entry."""
        text = definition.get("ResultPath", "$")
        result_path = None if text is None else reference(text)
        return cls(tuple(definition["ErrorEquals"]), definition["Next"], result_path)

    def output(self, data: Any, error: StateError) -> Any:
        """The output of a state that failed, from its input."""
        if self.result_path is None:
            return data
        return place(self.result_path, data, {"Error": error.error, "Cause": error.cause})


class Retries:
    """Counts the retries of one visit to a state.

    Args:
        retriers: of the state, in their order.
    """

    def __init__(self, retriers: tuple[Retrier, ...]) -> None:
        self._retriers = retriers
        self._counts = [0] * len(retriers)

    @property
    def total(self) -> int:
        """How many there were."""
        return sum(self._counts)

    def delay(self, error: str) -> float | None:
        """Counts one more retry and returns the seconds to wait before it; None if there is none left."""
        for index, retrier in enumerate(self._retriers):
            if matches(retrier.errors, error):
                retries = self._counts[index]
                if retries >= retrier.attempts:
                    return None
                self._counts[index] += 1
                return retrier.delay(retries)
        return None


def catcher(catchers: tuple[Catcher, ...], error: str) -> Catcher | None:
    """The first of the catchers that matches an error."""
    return next((each for each in catchers if matches(each.errors, error)), None)

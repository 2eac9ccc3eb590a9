"""The errors of the Amazon States Language, and which of them a Retry or a Catch matches."""

from __future__ import annotations

from collections.abc import Collection

#: The interpreter could not evaluate the state. It always fails the execution: nothing retries or catches it.
RUNTIME = "States.Runtime"
#: Only a Retry or Catch that names it matches it.
DATA_LIMIT_EXCEEDED = "States.DataLimitExceeded"
TIMEOUT = "States.Timeout"
TASK_FAILED = "States.TaskFailed"
RESULT_PATH_MATCH_FAILURE = "States.ResultPathMatchFailure"
INTRINSIC_FAILURE = "States.IntrinsicFailure"
NO_CHOICE_MATCHED = "States.NoChoiceMatched"
_ALL = "States.ALL"


class StateError(Exception):
    """A state failed.

    Args:
        error: the name of the error, such as `States.Timeout`.
        cause: why.
    """

    def __init__(self, error: str, cause: str = "") -> None:
        super().__init__(error, cause)
        self.error, self.cause = error, cause

    def at(self, state: str) -> None:
        """Hook for errors that name the state they occurred in."""


class EvaluationError(StateError):
    """The interpreter could not evaluate a field of a state; the cause names the state."""

    _located = False

    def at(self, state: str) -> None:
        """Adds the name of the innermost state to the cause."""
        if not self._located:
            self.cause = f"An error occurred while executing the state '{state}'. {self.cause}"
            self._located = True


def matches(names: Collection[str], error: str) -> bool:
    """Whether the ErrorEquals of a Retry or Catch matches an error."""
    if error == RUNTIME:
        return False
    if error in names:
        return True
    if error == DATA_LIMIT_EXCEEDED:
        return False
    return _ALL in names or (TASK_FAILED in names and error != TIMEOUT)

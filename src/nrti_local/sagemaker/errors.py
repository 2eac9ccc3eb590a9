"""The errors of the SageMaker APIs, with AWS's codes and texts."""

from __future__ import annotations

import logging
from uuid import uuid4

from nrti_local.server.errors import ServiceError

_logger = logging.getLogger(__name__)
#: The FailureReason of a job that was running when this program last ended, in AWS's words.
INTERRUPTED = "InternalServerError: We encountered an internal error. Please try again."
#: A FailureReason takes 1,024 characters in all.
_CAUSE_CHARACTERS = 600


def invalid(message: str) -> ServiceError:
    """The control plane's answer to nearly everything that is wrong with a request."""
    return ServiceError("ValidationException", message)


def missing(what: str, arn: str) -> ServiceError:
    """A model, endpoint configuration or endpoint that does not exist."""
    return invalid(f'Could not find {what} "{arn}".')


def duplicate(what: str, arn: str) -> ServiceError:
    """A model, endpoint configuration or endpoint whose name is taken."""
    return invalid(f'Cannot create already existing {what} "{arn}".')


def in_progress(arn: str) -> ServiceError:
    """An endpoint that is being created, updated or deleted."""
    return invalid(f'Cannot update in-progress endpoint "{arn}".')


def unforeseen(what: str, error: Exception) -> str:
    """Logs a fault of our own, and returns what the caller reads of it: the cause, and where the rest is.

    Args:
        what: the operation, job or endpoint that failed.
        error: what was raised.
    """
    error_id = uuid4()
    _logger.error("%s failed, error %s", what, error_id, exc_info=error)
    cause = " ".join(f"{type(error).__name__}: {error}".split())[:_CAUSE_CHARACTERS]
    return f"{cause} (error {error_id}; the log of the embedded AWS shows where)"

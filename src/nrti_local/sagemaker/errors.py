"""The errors of the SageMaker APIs, with AWS's codes and texts."""

from __future__ import annotations

import logging
from uuid import uuid4

from nrti_local.server.shared.errors import ServiceError

_logger = logging.getLogger(__name__)
#: The FailureReason of a job that was running when this program last ended; the text is AWS's.
INTERRUPTED = "InternalServerError: We encountered an internal error. Please try again."
#: Leaves room for the rest of a FailureReason, which has at most 1,024 characters.
_CAUSE_CHARACTERS = 600


def invalid(message: str) -> ServiceError:
    """Returns the error that the control plane raises for most invalid requests."""
    return ServiceError("ValidationException", message)


def missing(what: str, arn: str) -> ServiceError:
    """Returns the error for an unknown model, endpoint configuration or endpoint."""
    return invalid(f'Could not find {what} "{arn}".')


def duplicate(what: str, arn: str) -> ServiceError:
    """Returns the error for a name that another model, endpoint configuration or endpoint has."""
    return invalid(f'Cannot create already existing {what} "{arn}".')


def in_progress(arn: str) -> ServiceError:
    """Returns the error for an endpoint that is being created, updated or deleted."""
    return invalid(f'Cannot update in-progress endpoint "{arn}".')


def internal_error(what: str, error: Exception) -> str:
    """Logs an internal error, and returns the text for the caller: the cause, and where the details are.

    Args:
        what: the operation, job or endpoint that failed.
        error: what was raised.
    """
    error_id = uuid4()
    _logger.error("%s failed, error %s", what, error_id, exc_info=error)
    cause = " ".join(f"{type(error).__name__}: {error}".split())[:_CAUSE_CHARACTERS]
    return f"{cause} (error {error_id}; the log of the embedded AWS shows where)"

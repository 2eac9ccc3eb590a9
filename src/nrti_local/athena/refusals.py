"""The errors with which Athena rejects a request."""

from __future__ import annotations

from nrti_local.server.shared.errors import ServiceError


def invalid(message: str, code: str = "INVALID_INPUT") -> ServiceError:
    """Returns the error that Athena raises for most invalid requests.

    Args:
        message: Athena's text.
        code: the AthenaErrorCode.
    """
    return ServiceError("InvalidRequestException", message, members={"AthenaErrorCode": code})


def metadata_error(message: str) -> ServiceError:
    """Returns the error for an unknown database or table."""
    return ServiceError("MetadataException", message)

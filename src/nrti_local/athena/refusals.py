"""The errors with which Athena refuses a request."""

from __future__ import annotations

from nrti_local.server.errors import ServiceError


def invalid(message: str, code: str = "INVALID_INPUT") -> ServiceError:
    """Athena's answer to nearly everything that is wrong with a request.

    Args:
        message: Athena's text.
        code: the AthenaErrorCode.
    """
    return ServiceError("InvalidRequestException", message, members={"AthenaErrorCode": code})


def metadata_error(message: str) -> ServiceError:
    """The catalogue does not have what the request names."""
    return ServiceError("MetadataException", message)

"""The log group of a request, and the errors that several operations of CloudWatch Logs have in common."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ministack.core.responses import get_account_id

from nrti_local.server.shared.errors import ServiceError


def wrong(message: str) -> ServiceError:
    """The error of a request that is wrong."""
    return ServiceError("InvalidParameterException", message)


def no_group_to_query(name: str) -> ServiceError:
    """The error of a query on a log group that does not exist."""
    message = f"Log group '{name}' does not exist for account ID '{get_account_id()}'"
    return ServiceError("ResourceNotFoundException", message)


def no_group(name: str) -> ServiceError:
    """The error of a request for a log group that does not exist."""
    return ServiceError("ResourceNotFoundException", f"The specified log group does not exist: {name}")


def group_of(request: Mapping[str, Any]) -> str:
    """The name of the log group that a request names, or identifies by its ARN.

    Raises:
        ServiceError: it names none, or both ways.
    """
    named, identified = request.get("logGroupName"), request.get("logGroupIdentifier")
    if bool(named) == bool(identified):
        raise wrong("Exactly one of logGroupName and logGroupIdentifier must be specified")
    return str(named or name_of(str(identified)))


def name_of(identifier: str) -> str:
    """The name of a log group, from its name or its ARN."""
    return identifier.rpartition(":log-group:")[2].removesuffix(":*")

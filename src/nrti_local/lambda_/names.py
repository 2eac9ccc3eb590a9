"""The names of a function in requests: its name, a partial or a full ARN, with a qualifier."""

from __future__ import annotations

import re
from dataclasses import dataclass

from nrti_local.server.shared.errors import ServiceError

#: The version of the code that was uploaded last.
LATEST = "$LATEST"
_REFERENCE = re.compile(
    r"(?:(?:arn:aws[a-z-]*:lambda:)?(?:(?P<region>[a-z]{2}(?:-[a-z]+)+-\d):)?(?:(?P<account>\d{12}):)?function:)?"
    r"(?P<name>[\w-]+)(?::(?P<qualifier>\$LATEST|[\w-]+))?"
)


@dataclass(frozen=True)
class FunctionName:
    """A function of an account and region.

    Attributes:
        account: twelve digits.
        region: such as `eu-central-2`.
        name: without a qualifier.
        qualifier: a version or an alias; empty for the latest code.
    """

    account: str
    region: str
    name: str
    qualifier: str = ""

    @property
    def arn(self) -> str:
        """Its ARN, with the qualifier if there is one."""
        return ":".join(filter(None, (self.unqualified_arn, self.qualifier)))

    @property
    def unqualified_arn(self) -> str:
        """Its ARN without the qualifier."""
        return f"arn:aws:lambda:{self.region}:{self.account}:function:{self.name}"


def parse(reference: str, *, account: str, region: str, qualifier: str = "") -> FunctionName:
    """Reads a name or an ARN as a caller of an account and region means it.

    Raises:
        ServiceError: it is no name of a function, or names one of another account or region.
    """
    match = _REFERENCE.fullmatch(reference)
    if match is None:
        raise ServiceError("ValidationException", f"{reference!r} is not the name of a function", 400)
    if (match["account"] or account, match["region"] or region) != (account, region):
        raise not_found(reference)
    return FunctionName(account, region, match["name"], match["qualifier"] or qualifier)


def not_found(arn: str) -> ServiceError:
    """The error for an unknown function, version or alias."""
    return ServiceError("ResourceNotFoundException", f"Function not found: {arn}", 404)

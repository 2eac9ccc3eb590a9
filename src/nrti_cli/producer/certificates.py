"""The certificate authorities of a company, from the variables that botocore reads."""

from __future__ import annotations

import os
import re
from pathlib import Path

from nrti_cli.errors import NrtiError

#: In botocore's order.
_VARIABLES = ("AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE")
_CERTIFICATE = re.compile(rb"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", re.DOTALL)


def company_certificates() -> list[bytes]:
    """The certificates, as PEM, of the first variable that is set; none if neither is.

    Raises:
        NrtiError: the file cannot be read, or has no certificate.
    """
    for variable in _VARIABLES:
        if path := os.environ.get(variable):
            return _certificates(variable, path)
    return []


def _certificates(variable: str, path: str) -> list[bytes]:
    hint = f"set {variable} to a file with certificates in PEM format, or unset it"
    try:
        found = _CERTIFICATE.findall(Path(path).read_bytes())
    except OSError as error:
        raise NrtiError(f"{variable}: {path} cannot be read ({error.strerror})", hint=hint) from error
    if not found:
        raise NrtiError(f"{variable}: {path} has no certificate", hint=hint)
    return found

"""What the AWS SDK raises, said as one line that a user can act on."""

from __future__ import annotations

import re
from typing import NamedTuple

from botocore import exceptions as sdk

from nrti_cli.errors import NrtiError

#: Error codes that every AWS service uses for credentials it does not accept.
_BAD_CREDENTIALS = {
    "ExpiredToken",
    "ExpiredTokenException",
    "InvalidClientTokenId",
    "UnrecognizedClientException",
    "SignatureDoesNotMatch",
    "RequestExpired",
}
#: 403 is all that a HEAD request says.
_DENIED = {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AuthorizationError", "403"}
#: What every service says when IAM denies; some leave out the resource.
_PERMISSION = re.compile(
    r"not authorized to perform:? (?P<action>[\w-]+:\w+)(?: on resource:? (?P<resource>\S+))?"
)
_POLICY = "docs/deployer-policy.json lists what nrti needs"
_LOGS = "if this is the embedded AWS, nrti local logs shows where"
_LOGIN_FAILED = (
    sdk.SSOTokenLoadError,
    sdk.UnauthorizedSSOTokenError,
    sdk.TokenRetrievalError,
    sdk.CredentialRetrievalError,
)
#: What the SDK raises by itself, what is said about it, and what to do; the first that fits counts.
_SAID: tuple[tuple[type[Exception] | tuple[type[Exception], ...], str, str], ...] = (
    (
        (sdk.NoCredentialsError, sdk.PartialCredentialsError),
        "no AWS credentials were found",
        "run aws configure, or name a profile with --profile",
    ),
    (_LOGIN_FAILED, "the login has ended or failed", "run aws sso login, or aws configure"),
    (sdk.NoRegionError, "no AWS region is configured", "pass --region"),
    (sdk.InvalidRegionError, "{region_name!r} is no AWS region", "pass --region"),
    (sdk.ProxyConnectionError, "the proxy {proxy_url} does not answer", "check HTTPS_PROXY, or unset it"),
    (
        sdk.ProfileNotFound,
        "there is no profile {profile!r} in the AWS configuration",
        "list the profiles with aws configure list-profiles",
    ),
    (sdk.BotoCoreError, "the AWS SDK failed ({kind})", "nrti --traceback … shows where"),
)


class Permission(NamedTuple):
    """An IAM action that was denied, and on what; the resource may be empty."""

    action: str
    resource: str

    def __str__(self) -> str:
        """As it would be asked for."""
        return f"{self.action} on {self.resource}" if self.resource else self.action


_THROTTLED = {"Throttling", "ThrottlingException", "RequestLimitExceeded", "TooManyRequestsException"}


def code(error: sdk.ClientError) -> str:
    """The service's error code, such as `ValidationException`."""
    return str(error.response.get("Error", {}).get("Code", "Unknown"))


def message(error: sdk.ClientError) -> str:
    """The service's own text."""
    return str(error.response.get("Error", {}).get("Message", "")) or str(error)


def missing_permission(text: str) -> Permission | None:
    """The permission that a service's text says is missing, or None if it does not say."""
    found = _PERMISSION.search(text)
    if not found:
        return None
    return Permission(found["action"], (found["resource"] or "").rstrip(".,;"))


def is_throttled(error: sdk.ClientError) -> bool:
    """Whether the service only asks to be asked less often."""
    return code(error) in _THROTTLED


def explain(error: Exception) -> NrtiError | None:
    """The user's side of an SDK exception, or None when it is not one."""
    if isinstance(error, sdk.ClientError):
        return _explain_client_error(error)
    if isinstance(error, sdk.EndpointConnectionError | sdk.ConnectionClosedError | sdk.ReadTimeoutError):
        return _explain_connection(error)
    for types, said, hint in _SAID:
        if isinstance(error, types):
            return NrtiError(
                said.format(kind=type(error).__name__, **getattr(error, "kwargs", {})), hint=hint
            )
    return None


def _explain_client_error(error: sdk.ClientError) -> NrtiError:
    if code(error) in _BAD_CREDENTIALS:
        return NrtiError(
            f"{error.operation_name}: AWS does not accept the credentials ({code(error)})",
            hint="renew them, with aws sso login for example; a region may also have to be enabled first",
        )
    if code(error) in _DENIED:
        lacking = missing_permission(message(error))
        what = (
            f"the permission {lacking} is missing"
            if lacking
            else f"a permission is missing: {message(error)}"
        )
        return NrtiError(f"{error.operation_name}: {what}", hint=f"{_POLICY}; or use another --profile")
    hint = _LOGS if code(error) == "InternalError" else ""
    return NrtiError(f"{error.operation_name} failed with {code(error)}: {message(error)}", hint=hint)


def _explain_connection(error: sdk.BotoCoreError) -> NrtiError:
    endpoint = str(error.kwargs.get("endpoint_url", "the endpoint"))
    if "127.0.0.1" in endpoint:
        return NrtiError(
            f"the embedded AWS does not answer at {endpoint}",
            hint="run nrti bootstrap, which starts and repairs it",
        )
    return NrtiError(
        f"{endpoint} does not answer ({type(error).__name__})", hint="check the network and --region"
    )

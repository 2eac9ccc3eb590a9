"""Turns exceptions of the AWS SDK into one-line messages that a user can act on."""

from __future__ import annotations

import re
from typing import NamedTuple

from botocore import exceptions as sdk

from nrti_cli.errors import NrtiError

#: Error codes of all AWS services for invalid credentials.
_BAD_CREDENTIALS = {
    "ExpiredToken",
    "ExpiredTokenException",
    "InvalidClientTokenId",
    "UnrecognizedClientException",
    "SignatureDoesNotMatch",
    "RequestExpired",
}
#: 403 is the code of HEAD requests, whose responses have no body.
_DENIED = {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AuthorizationError", "403"}
#: The message of all services when IAM denies an action; some leave out the resource.
_PERMISSION = re.compile(
    r"not authorized to perform:? (?P<action>[\w-]+:\w+)(?: on resource:? (?P<resource>\S+))?"
)
#: The error codes for a resource that does not exist, in calls whose callers do not look for them.
_GONE = {"ResourceNotFoundException", "EntityNotFoundException", "StateMachineDoesNotExist"}
#: What of the stack such a call needs, by its operation.
_NEEDED = {
    "BatchGetItem": "the predictions table",
    "GetTables": "the lake's database",
    "PutRecords": "the stream of the lake",
    "Query": "the predictions table",
    "Scan": "the predictions table",
    "StartSyncExecution": "the workflow",
}
_POLICY = "docs/deployer-policy.json lists what nrti needs"
_LOGS = "if this is the embedded AWS, nrti local logs shows where"
_LOGIN_FAILED = (
    sdk.SSOTokenLoadError,
    sdk.UnauthorizedSSOTokenError,
    sdk.TokenRetrievalError,
    sdk.CredentialRetrievalError,
)
#: Exceptions of the SDK itself, with message and hint; the first match counts.
_SDK_ERRORS: tuple[tuple[type[Exception] | tuple[type[Exception], ...], str, str], ...] = (
    (
        (sdk.NoCredentialsError, sdk.PartialCredentialsError),
        "there are no AWS credentials",
        "run aws configure, or name a profile with --profile",
    ),
    (_LOGIN_FAILED, "the login failed or has expired", "run aws sso login, or aws configure"),
    (sdk.NoRegionError, "no AWS region is configured", "pass --region"),
    (sdk.InvalidRegionError, "{region_name!r} is not an AWS region", "pass --region"),
    (sdk.ProxyConnectionError, "the proxy {proxy_url} does not answer", "check HTTPS_PROXY, or unset it"),
    (
        sdk.ProfileNotFound,
        "the AWS configuration has no profile {profile!r}",
        "list the profiles with aws configure list-profiles",
    ),
    (
        sdk.ConfigParseError,
        "the AWS configuration in {path} cannot be read",
        "correct the file; AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE name others",
    ),
    (sdk.BotoCoreError, "the AWS SDK failed ({kind})", "nrti --traceback … shows where"),
)


class Permission(NamedTuple):
    """A denied IAM action and its resource, which may be empty."""

    action: str
    resource: str

    def __str__(self) -> str:
        """The permission as text: the action, and the resource if it is known."""
        return f"{self.action} on {self.resource}" if self.resource else self.action


_THROTTLED = {"Throttling", "ThrottlingException", "RequestLimitExceeded", "TooManyRequestsException"}


def code(error: sdk.ClientError) -> str:
    """The service's error code, such as `ValidationException`."""
    return str(error.response.get("Error", {}).get("Code", "Unknown"))


def message(error: sdk.ClientError) -> str:
    """The service's error message."""
    return str(error.response.get("Error", {}).get("Message", "")) or str(error)


def missing_permission(text: str) -> Permission | None:
    """The missing permission in a service's error message, or None."""
    found = _PERMISSION.search(text)
    if not found:
        return None
    return Permission(found["action"], (found["resource"] or "").rstrip(".,;"))


def is_throttled(error: sdk.ClientError) -> bool:
    """Whether the service throttles its callers."""
    return code(error) in _THROTTLED


def explain(error: Exception) -> NrtiError | None:
    """Returns the error for the user, or None if it is not an exception of the SDK."""
    if isinstance(error, sdk.ClientError):
        return _explain_client_error(error)
    if isinstance(error, sdk.EndpointConnectionError | sdk.ConnectionClosedError | sdk.ReadTimeoutError):
        return _explain_connection(error)
    for types, template, hint in _SDK_ERRORS:
        if isinstance(error, types):
            return NrtiError(
                template.format(kind=type(error).__name__, **getattr(error, "kwargs", {})), hint=hint
            )
    return None


def _explain_client_error(error: sdk.ClientError) -> NrtiError:
    if code(error) in _BAD_CREDENTIALS:
        return NrtiError(
            f"{error.operation_name}: AWS does not accept the credentials ({code(error)})",
            hint="renew them, for example with aws sso login; the region may have to be enabled first",
        )
    if code(error) in _DENIED:
        lacking = missing_permission(message(error))
        what = f"missing permission {lacking}" if lacking else f"missing permission: {message(error)}"
        return NrtiError(f"{error.operation_name}: {what}", hint=f"{_POLICY}; or use another --profile")
    if code(error) in _GONE and error.operation_name in _NEEDED:
        return NrtiError(f"{_NEEDED[error.operation_name]} does not exist", hint="run nrti bootstrap")
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

"""What the AWS SDK raises, said as one line that a user can act on."""

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
_DENIED = {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"}


def code(error: sdk.ClientError) -> str:
    """The service's error code, such as `ValidationException`."""
    return str(error.response.get("Error", {}).get("Code", "Unknown"))


def message(error: sdk.ClientError) -> str:
    """The service's own text."""
    return str(error.response.get("Error", {}).get("Message", "")) or str(error)


def explain(error: Exception) -> NrtiError | None:
    """The user's side of an SDK exception, or None when it is not one."""
    if isinstance(error, sdk.ClientError):
        return _explain_client_error(error)
    if isinstance(error, sdk.EndpointConnectionError | sdk.ConnectionClosedError | sdk.ReadTimeoutError):
        return _explain_connection(error)
    if isinstance(error, sdk.NoCredentialsError | sdk.PartialCredentialsError):
        return NrtiError(
            "no AWS credentials were found", hint="run aws configure, or name a profile with --profile"
        )
    if isinstance(error, sdk.ProfileNotFound):
        return NrtiError(str(error), hint="list the profiles with aws configure list-profiles")
    if isinstance(error, sdk.BotoCoreError):
        return NrtiError(f"the AWS SDK failed: {error}")
    return None


def _explain_client_error(error: sdk.ClientError) -> NrtiError:
    if code(error) in _BAD_CREDENTIALS:
        return NrtiError(
            f"{error.operation_name}: AWS does not accept the credentials ({code(error)})",
            hint="renew them, with aws sso login for example",
        )
    if code(error) in _DENIED:
        return NrtiError(
            f"{error.operation_name}: permission is missing: {message(error)}",
            hint="ask for the permission, or use another --profile",
        )
    return NrtiError(f"{error.operation_name} failed with {code(error)}: {message(error)}")


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

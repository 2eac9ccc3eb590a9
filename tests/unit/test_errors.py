from __future__ import annotations

import pytest
from botocore.exceptions import (
    ClientError,
    ConfigParseError,
    EndpointConnectionError,
    InvalidRegionError,
    NoCredentialsError,
    NoRegionError,
    ParamValidationError,
    ProfileNotFound,
    ProxyConnectionError,
    TokenRetrievalError,
    UnauthorizedSSOTokenError,
    UnknownServiceError,
)

from nrti_cli.aws.errors import explain
from nrti_cli.errors import ExitStatus, NrtiError, UsageError


def _client_error(code: str, message: str = "why") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, "DescribeStacks")


def test_an_error_is_one_line_whatever_its_parts_bring() -> None:
    assert str(NrtiError("row 3:\n  not a number", hint="correct\tit")) == "row 3: not a number: correct it"


def test_what_a_terminal_would_obey_is_replaced() -> None:
    assert str(NrtiError("the file holds \x1b[31m\x07")) == "the file holds \ufffd[31m\ufffd"


def test_without_a_hint_nothing_dangles() -> None:
    assert str(NrtiError("it is broken")) == "it is broken"


def test_a_usage_error_exits_as_a_wrong_command_line_does() -> None:
    assert UsageError("no").exit_status is ExitStatus.USAGE


def test_expired_credentials_say_how_to_renew_them() -> None:
    explained = explain(_client_error("ExpiredToken"))

    assert explained
    assert "aws sso login" in str(explained)


@pytest.mark.parametrize(
    ("operation", "code", "what"),
    [
        ("Query", "ResourceNotFoundException", "the predictions table"),
        ("PutRecords", "ResourceNotFoundException", "the stream of the lake"),
        ("StartSyncExecution", "StateMachineDoesNotExist", "the workflow"),
        ("GetTables", "EntityNotFoundException", "the lake's database"),
    ],
)
def test_a_resource_of_the_stack_that_is_gone_is_named(operation: str, code: str, what: str) -> None:
    gone = ClientError({"Error": {"Code": code, "Message": "Requested resource not found"}}, operation)

    assert str(explain(gone)) == f"{what} does not exist: run nrti bootstrap"


_ROLE = "arn:aws:iam::111122223333:role/nrti-api"
_WHO = "User: arn:aws:iam::111122223333:user/ada is not authorized to perform"


@pytest.mark.parametrize(
    ("code", "text", "said"),
    [
        (
            "AccessDenied",
            f"{_WHO}: iam:CreateRole on resource: {_ROLE} because no identity-based policy allows it",
            f"missing permission iam:CreateRole on {_ROLE}",
        ),
        (
            "AccessDeniedException",
            f"{_WHO}: tag:GetResources because no identity-based policy allows it",
            "missing permission tag:GetResources",
        ),
        ("403", "Forbidden", "missing permission: Forbidden"),
    ],
)
def test_a_missing_permission_is_named(code: str, text: str, said: str) -> None:
    explained = str(explain(_client_error(code, text)))

    assert explained.startswith(f"DescribeStacks: {said}: ")
    assert "deployer-policy.json" in explained


def test_a_login_that_has_ended_says_what_to_run() -> None:
    assert "aws sso login" in str(explain(UnauthorizedSSOTokenError()))


def test_a_region_that_there_is_not_is_one_line() -> None:
    assert "--region" in str(explain(InvalidRegionError(region_name="eu central")))


def test_any_other_service_error_keeps_code_and_text() -> None:
    assert "DescribeStacks failed with Odd: why" in str(explain(_client_error("Odd")))


def test_a_dead_embedded_aws_sends_to_bootstrap() -> None:
    explained = explain(EndpointConnectionError(endpoint_url="http://127.0.0.1:1234/"))

    assert "nrti bootstrap" in str(explained)


def test_a_dead_cloud_endpoint_does_not() -> None:
    explained = explain(EndpointConnectionError(endpoint_url="https://sts.nowhere.amazonaws.com/"))

    assert "--region" in str(explained)
    assert "bootstrap" not in str(explained)


def test_missing_credentials_and_profiles_say_what_to_do() -> None:
    assert "aws configure" in str(explain(NoCredentialsError()))
    assert str(explain(ProfileNotFound(profile="x"))) == (
        "the AWS configuration has no profile 'x': list the profiles with aws configure list-profiles"
    )


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (NoRegionError(), "no AWS region is configured: pass --region"),
        (InvalidRegionError(region_name="eu central"), "'eu central' is not an AWS region: pass --region"),
        (ProfileNotFound(profile="x"), "the AWS configuration has no profile 'x': list the profiles"),
        (
            ConfigParseError(path="/home/me/.aws/config", error="no header"),
            "the AWS configuration in /home/me/.aws/config cannot be read: correct the file",
        ),
        (ProxyConnectionError(proxy_url="http://p:1"), "the proxy http://p:1 does not answer"),
        (TokenRetrievalError(provider="sso", error_msg="boom"), "the login failed or has expired: run"),
        (ParamValidationError(report="Invalid length"), "the AWS SDK failed (ParamValidationError): nrti"),
        (UnknownServiceError(service_name="a", known_service_names="b"), "failed (UnknownServiceError)"),
    ],
)
def test_what_the_sdk_says_by_itself_is_said_in_words_of_ours(error: Exception, said: str) -> None:
    explained = str(explain(error))

    assert said in explained
    assert str(error) not in explained


def test_a_bug_is_not_explained_away() -> None:
    assert explain(KeyError("x")) is None

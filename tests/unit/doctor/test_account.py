from __future__ import annotations

import json
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any

import pytest
from botocore.stub import ANY, Stubber

from nrti_cli.assets import asset
from nrti_cli.aws.target import Target
from nrti_cli.doctor.account import region
from nrti_cli.doctor.finding import Check, run
from nrti_cli.doctor.permissions import POLICY, SAMPLES, permissions, questions
from tests.unit.conftest import sdk

ACCOUNT, REGION = "111122223333", "eu-central-1"
ROLE = f"arn:aws:sts::{ACCOUNT}:assumed-role/deployer/me"


class Account(Target):
    """A target of which every client for a service is the same, stubbed one."""

    def client(self, service: str, **_: Any) -> Any:
        return super().client(service)


@pytest.fixture
def target() -> Target:
    account = Account("aws", "plant", region=REGION)
    account.__dict__["session"] = sdk(REGION)
    return account


@pytest.fixture
def iam(target: Target) -> Iterator[Stubber]:
    with Stubber(target.client("iam")) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


def _caller(target: Target, arn: str) -> Stubber:
    stubber = Stubber(target.client("sts"))
    stubber.add_response("get_caller_identity", {"Account": ACCOUNT, "Arn": arn, "UserId": "u"})
    stubber.activate()
    return stubber


def _answers(iam: Stubber, target: Target, denied: str = "") -> None:
    for question in questions(target, ACCOUNT):
        results = [
            {"EvalActionName": action, "EvalDecision": "implicitDeny" if action == denied else "allowed"}
            for action in question.actions
        ]
        expected = {
            "PolicySourceArn": f"arn:aws:iam::{ACCOUNT}:role/deployer",
            "ActionNames": list(question.actions),
            "ResourceArns": [question.resource],
            "ContextEntries": ANY,
        }
        iam.add_response("simulate_principal_policy", {"EvaluationResults": results}, expected)


def test_a_role_that_may_do_everything_is_fine(target: Target, iam: Stubber) -> None:
    _caller(target, ROLE)
    _answers(iam, target)

    assert permissions(target).state == "ok"


def test_what_is_denied_is_named(target: Target, iam: Stubber) -> None:
    _caller(target, ROLE)
    _answers(iam, target, denied="iam:PassRole")

    found = permissions(target)

    assert (found.state, found.found) == ("failed", "missing: iam:PassRole")
    assert POLICY in found.advice


@pytest.mark.parametrize("error", ["AccessDenied", "NoSuchEntity"])
def test_that_iam_does_not_simulate_is_no_failure(target: Target, iam: Stubber, error: str) -> None:
    _caller(target, ROLE)
    iam.add_client_error("simulate_principal_policy", error)

    found = permissions(target)

    assert found.state == "warn"
    assert "iam:SimulatePrincipalPolicy" in found.advice


def test_the_root_user_cannot_be_simulated(target: Target) -> None:
    _caller(target, f"arn:aws:iam::{ACCOUNT}:root")

    assert permissions(target).state == "warn"


def test_every_question_is_about_the_stack_and_holds_no_wildcard(target: Target) -> None:
    asked = list(questions(target, ACCOUNT))

    assert not [each for each in asked if "*" in each.resource.removeprefix("*") or "nrti" in each.resource]
    assert not [action for each in asked for action in each.actions if "*" in action]
    (passing,) = [each for each in asked if each.actions == ("iam:PassRole",)]
    assert passing.resource == f"arn:aws:iam::{ACCOUNT}:role/plant-doctor"
    assert passing.context == {"iam:PassedToService": "apigateway.amazonaws.com"}


def test_the_policy_allows_all_that_is_asked() -> None:
    statements = json.loads(asset(POLICY).read_text())["Statement"]

    def allowed(action: str, resource: str) -> bool:
        return any(
            any(fnmatchcase(action, pattern) for pattern in _listed(each["Action"]))
            and any(fnmatchcase(resource, pattern) for pattern in _listed(each["Resource"]))
            for each in statements
        )

    asked = list(questions(Target("aws", "nrti", region=REGION), ACCOUNT))

    assert not [(a, each.resource) for each in asked for a in each.actions if not allowed(a, each.resource)]


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def test_the_samples_are_actions_of_services_that_the_policy_allows_whole(target: Target) -> None:
    statements = json.loads(asset(POLICY).read_text())["Statement"]
    whole = {action for each in statements for action in each["Action"] if fnmatchcase(action, "*:[*]")}

    assert whole == {f"{service}:*" for service in SAMPLES}
    for service, names in SAMPLES.items():
        client = target.client("stepfunctions" if service == "states" else service)
        operations = set(client.meta.method_to_api_mapping.values())
        assert set(names) - operations <= {"ListBucket"}, service


def test_a_region_has_all_services(target: Target) -> None:
    assert region(target).state == "ok"


def test_a_region_that_does_not_exist_fails() -> None:
    (found,) = run([Check("region", lambda: region(Target("aws", "plant", region="mars-1")))])

    assert (found.state, found.found) == ("failed", "'mars-1' is not an AWS region")


def test_iam_is_asked_about_resources_that_the_main_actions_are_about(target: Target) -> None:
    about = {
        action: question.resource for question in questions(target, ACCOUNT) for action in question.actions
    }

    assert about["sagemaker:DeleteEndpoint"].endswith(":endpoint/plant-doctor")
    assert about["scheduler:CreateSchedule"].endswith(":schedule/plant-alerts/doctor")
    assert about["apigateway:PUT"].endswith("::/restapis/doctor")

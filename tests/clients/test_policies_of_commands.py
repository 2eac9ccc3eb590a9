"""What commands call, by iam-simulate: calls that AWS restricts to no resource, and what doctor asks IAM."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

import nrti_cli
from nrti_cli.aws.target import Target
from nrti_cli.doctor.permissions import questions
from tests.clients import fidelity
from tests.clients.simulator import NO_RESOURCE, Asked, Simulator
from tests.policies import Request
from tests.unit.aws_run.conftest import ACCOUNT, PLACE, REGION
from tests.unit.aws_run.policy import FILE, OPERATOR, action, allowed
from tests.unit.conftest import sdk

pytestmark = pytest.mark.clients

_DOCUMENTS = {file.stem: json.loads(file.read_text()) for file in (FILE, OPERATOR)}
_CLIENT = re.compile(r'client\(\s*(?:target, )?"([a-z0-9-]+)"')
#: A method of a client is called, or named for a paginator.
_CALL = re.compile(r'["\.]([a-z_0-9]+)(?:"|\()')
#: Clients of the SDK whose service has another name in policies.
_NAMES = {"stepfunctions": "states", "dynamodbstreams": "dynamodb"}
#: Questions of doctor about a request that cannot be: a POST is about a collection.
_IMPOSSIBLE = {"apigateway:POST"}


@pytest.fixture
def target() -> Target:
    target = Target(name="aws", stack="nrti", region=REGION)
    target.__dict__["session"] = sdk(REGION)
    return target


def _called(target: Target) -> set[str]:
    """The actions of all calls in the command line's modules that make clients."""
    actions = set()
    for path in Path(nrti_cli.__file__).parent.rglob("*.py"):
        source = "" if "remote" in path.parts else path.read_text()
        for service in set(_CLIENT.findall(source)):
            operations = target.client(service).meta.method_to_api_mapping
            called = set(_CALL.findall(source)) & operations.keys()
            actions |= {action(_NAMES.get(service, service), operations[name]) for name in called}
    return actions


def test_calls_that_aws_restricts_to_no_resource_are_allowed_on_all(
    target: Target, simulate: Simulator
) -> None:
    called = sorted(_called(target))
    nowhere = f"arn:aws:none:{REGION}:{ACCOUNT}:none"
    asked = [
        Asked(Request(each, nowhere), (file.stem,))
        for file in (FILE, OPERATOR)
        for each in called
        if allowed(each, file)
    ]
    verdicts = simulate(_DOCUMENTS, asked, PLACE)
    unrestricted = [
        (each, verdict) for each, verdict in zip(asked, verdicts, strict=True) if verdict.resource == "*"
    ]

    fidelity.says(f"{len(called)} calls; ")
    assert len(unrestricted) >= 10
    assert [each for each, verdict in unrestricted if verdict.decision != "Allow"] == []


def test_doctor_asks_about_requests_that_can_be_and_the_policy_allows(
    target: Target, simulate: Simulator
) -> None:
    asked = [
        Request(each, question.resource, question.context)
        for question in questions(target, ACCOUNT)
        for each in question.actions
    ]
    verdicts = simulate(_DOCUMENTS, [Asked(each, (FILE.stem,)) for each in asked], PLACE)
    not_allowed = {
        (request.action, verdict.decision)
        for request, verdict in zip(asked, verdicts, strict=True)
        if verdict.decision != "Allow" or verdict.resource != request.resource
    }

    fidelity.says(f"; {len(asked)} questions")
    assert not_allowed == {(each, NO_RESOURCE) for each in _IMPOSSIBLE}

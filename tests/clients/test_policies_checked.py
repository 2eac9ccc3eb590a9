"""The policies of roles, of what they use, and of docs/ by parliament: actions, resources, conditions fit."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

import pytest

from tests.clients import fidelity
from tests.clients.venv import PROGRAMS, Venv
from tests.local.roles import PLACE
from tests.policies import Policy, arn, of_resources, of_roles, with_all_options
from tests.unit.aws_run.policy import FILE, OPERATOR

pytestmark = pytest.mark.clients

#: The policy, the statement, what is found, and about which action.
Finding = tuple[str, str, str, str]
#: Returns the findings about policies.
Checker = Callable[[Mapping[str, Policy]], set[Finding]]

_DEPLOYER, _KEY = FILE.stem, arn("kms:key/AlarmKey", PLACE)
_ANYWHERE = "WhatAwsHasNoNarrowerResourceFor"
#: Findings that stay, and why.
KNOWN: dict[Finding, str] = {
    (_KEY, "1", "RESOURCE_STAR", "kms:Decrypt"): "the policy of a key is about that key alone",
    (_DEPLOYER, _ANYWHERE, "RESOURCE_STAR", "cloudwatch:DescribeAlarms"): (
        "CloudFormation may ask without names, which AWS checks against all alarms"
    ),
    (OPERATOR.stem, "MetricsAndModels", "RESOURCE_STAR", "cloudwatch:DescribeAlarms"): (
        "it only shows states, and the embedded AWS checks it against all alarms"
    ),
    (_DEPLOYER, _ANYWHERE, "RESOURCE_STAR", "logs:DescribeLogStreams"): (
        "all training jobs of an account share one group of SageMaker's"
    ),
    (
        _DEPLOYER,
        "TheAlarmsKey",
        "RESOURCE_EFFECTIVELY_STAR",
        "",
    ): "a key has no name; its tag is the condition",
    (_DEPLOYER, "TheAlarmsKeyWithTheStacksTag", "RESOURCE_STAR", "kms:TagResource"): (
        "a new key has no ARN yet; its tag is the condition"
    ),
    (_DEPLOYER, "TheCatalogsDefaultDatabaseThatAthenaReads", "RESOURCE_MISMATCH", "glue:GetDatabase"): (
        "the statement before allows it on the catalog, which it needs in addition"
    ),
    (_DEPLOYER, "TheDashboardIfWanted", "RESOURCE_MISMATCH", "quicksight:CreateFolderMembership"): (
        "the handler is said to need it; the stack is in no folder"
    ),
}


@pytest.fixture(scope="module")
def check(tmp_path_factory: pytest.TempPathFactory) -> Checker:
    venv = Venv.of("policies", "judge-policies")
    file = tmp_path_factory.mktemp("parliament") / "policies.json"

    def findings(policies: Mapping[str, Policy]) -> set[Finding]:
        file.write_text(json.dumps(policies))
        printed = json.loads(venv.succeed(PROGRAMS / "check_policies.py", file, variables={}))
        return {(name, statement, issue, action) for name, statement, issue, action in printed}

    return findings


def _policies() -> dict[str, Policy]:
    resources = with_all_options(PLACE)
    return {
        **{file.stem: json.loads(file.read_text()) for file in (FILE, OPERATOR)},
        **{
            f"{role}/{name}": each
            for role, inline in of_roles(resources).items()
            for name, each in inline.items()
        },
        **of_resources(resources),
    }


def test_nothing_is_found_but_what_is_known(check: Checker) -> None:
    policies = _policies()

    fidelity.says(f"{len(policies)} policies; {len(KNOWN)} findings stay")
    assert check(policies) == set(KNOWN)


def test_the_judge_can_find_something(check: Checker) -> None:
    allow = {"Effect": "Allow", "Resource": "arn:aws:s3:::lake"}
    statements = [{**allow, "Action": "s3:GetObject"}, {**allow, "Action": "s3:GetThing"}]

    assert check({"wrong": {"Version": "2012-10-17", "Statement": statements}}) == {
        ("wrong", "0", "RESOURCE_MISMATCH", "s3:GetObject"),
        ("wrong", "1", "UNKNOWN_ACTION", ""),
    }

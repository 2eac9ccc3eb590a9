"""The patched change sets and drift detection, and what ministack does without the patches."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from ministack.services.cloudformation import changesets, drift

from nrti_cli.aws.change_sets import Definition
from nrti_cli.aws.cloudformation import CloudFormation
from nrti_cli.aws.target import Target
from nrti_cli.stack.deploy import Deployment, Plan
from nrti_cli.stack.pace import Pace
from nrti_local.cloudformation import change_sets
from tests.local import patched

RESOURCES: dict[str, Any] = {
    "Queue": {"Type": "AWS::SQS::Queue"},
    "Topic": {"Type": "AWS::SNS::Topic", "Condition": "Wanted"},
    "Api": {"Type": "AWS::ApiGateway::RestApi", "Properties": {"Name": "small"}},
}
TEMPLATE: dict[str, Any] = {
    "Parameters": {"Topic": {"Type": "String", "Default": "no"}},
    "Conditions": {"Wanted": {"Fn::Equals": [{"Ref": "Topic"}, "yes"]}},
    "Resources": RESOURCES,
    "Outputs": {"Url": {"Value": {"Ref": "Queue"}}},
}
RENAMED = {**TEMPLATE, "Outputs": {"QueueUrl": {"Value": {"Ref": "Queue"}}}}


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    running = patched.start(tmp_path_factory.mktemp("state"))
    _deploy(running.target, TEMPLATE)
    yield running.target
    running.stop()


def _deploy(target: Target, template: dict[str, Any], **parameters: str) -> Plan:
    deployment = Deployment(target, Pace.of(target))
    plan = deployment.plan(Definition(json.dumps(template), parameters, {}))
    list(deployment.execute(plan))
    return plan


def _outputs(target: Target) -> set[str]:
    stack = target.client("cloudformation").describe_stacks(StackName=target.stack)["Stacks"][0]
    return {output["OutputKey"] for output in stack["Outputs"]}


def test_a_condition_alone_makes_a_change(target: Target) -> None:
    for value, action in (("yes", "Add"), ("no", "Remove")):
        plan = _deploy(target, TEMPLATE, Topic=value)
        assert [(change.action, change.logical_id) for change in plan.changes] == [(action, "Topic")]


def test_an_output_alone_makes_a_change(target: Target) -> None:
    plan = _deploy(target, RENAMED)

    assert plan.change_set
    assert plan.changes == ()
    assert _outputs(target) == {"QueueUrl"}
    assert _deploy(target, RENAMED).change_set is None


def test_an_api_that_is_gone_is_reported(target: Target) -> None:
    gateway = target.client("apigateway")
    (api,) = gateway.get_rest_apis()["items"]
    gateway.delete_rest_api(restApiId=api["id"])
    cloudformation = CloudFormation(target)

    assert cloudformation.drift_detected(cloudformation.detect_drift(target.stack))
    assert [each.logical_id for each in cloudformation.missing_resources(target.stack)] == ["Api"]


def test_without_the_patch_a_condition_is_not_looked_at() -> None:
    values = {"Topic": {"Value": "no", "NoEcho": False}}
    unpatched = changesets._resolve_props_for_diff

    assert "Topic" in unpatched(TEMPLATE, values, "s", "id")["Resources"]
    assert "Topic" not in change_sets._with_conditions(unpatched)(TEMPLATE, values, "s", "id")["Resources"]


def test_without_the_patch_outputs_are_not_looked_at() -> None:
    assert "Outputs" not in changesets._resolve_props_for_diff(TEMPLATE, {}, "s", "id")


@pytest.mark.parametrize("type_", ["AWS::ApiGateway::RestApi", "AWS::KinesisFirehose::DeliveryStream"])
def test_without_the_patch_drift_of_these_is_not_detected(type_: str) -> None:
    assert not drift.supports_drift(type_)

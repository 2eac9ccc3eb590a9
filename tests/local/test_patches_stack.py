"""Change sets and drift detection on the patched ministack."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from nrti_cli.aws.cloudformation.change_sets import Definition
from nrti_cli.aws.cloudformation.stacks import CloudFormation
from nrti_cli.aws.target import Target
from nrti_cli.stack.artifacts import ArtifactsBucket
from nrti_cli.stack.deploy import Deployment, DeploymentPlan
from nrti_cli.stack.poll_interval import PollInterval
from tests.local import patched

RESOURCES: dict[str, Any] = {
    "Queue": {"Type": "AWS::SQS::Queue"},
    "Topic": {"Type": "AWS::SNS::Topic", "Condition": "Wanted"},
    "Api": {"Type": "AWS::ApiGateway::RestApi", "Properties": {"Name": "small"}},
    "Method": {
        "Type": "AWS::ApiGateway::Method",
        "Properties": {
            "RestApiId": {"Ref": "Api"},
            "ResourceId": {"Fn::GetAtt": ["Api", "RootResourceId"]},
            "HttpMethod": "GET",
            "AuthorizationType": "NONE",
            "Integration": {"Type": "MOCK"},
        },
    },
    "Deployment": {
        "Type": "AWS::ApiGateway::Deployment",
        "DependsOn": "Method",
        "Properties": {"RestApiId": {"Ref": "Api"}},
    },
    "Stage": {
        "Type": "AWS::ApiGateway::Stage",
        "Properties": {
            "RestApiId": {"Ref": "Api"},
            "DeploymentId": {"Ref": "Deployment"},
            "StageName": "v1",
        },
    },
    "Key": {"Type": "AWS::ApiGateway::ApiKey", "Properties": {"Name": "small"}},
    "Plan": {"Type": "AWS::ApiGateway::UsagePlan", "Properties": {"UsagePlanName": "small"}},
    "Group": {"Type": "AWS::Athena::WorkGroup", "Properties": {"Name": "small"}},
    "Database": {
        "Type": "AWS::Glue::Database",
        "Properties": {"CatalogId": "000000000000", "DatabaseInput": {"Name": "small"}},
    },
    "Table": {
        "Type": "AWS::Glue::Table",
        "Properties": {
            "CatalogId": "000000000000",
            "DatabaseName": {"Ref": "Database"},
            "TableInput": {"Name": "small"},
        },
    },
    "Delivery": {
        "Type": "AWS::KinesisFirehose::DeliveryStream",
        "Properties": {
            "DeliveryStreamName": "small",
            "S3DestinationConfiguration": {
                "BucketARN": "arn:aws:s3:::any",
                "RoleARN": "arn:aws:iam::000000000000:role/any",
            },
        },
    },
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
    with patched.start(tmp_path_factory.mktemp("state")) as running:
        _deploy(running.target, TEMPLATE)
        yield running.target


def _deploy(target: Target, template: dict[str, Any], **parameters: str) -> DeploymentPlan:
    deployment = Deployment(target, PollInterval.of(target), ArtifactsBucket(target))
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


def _missing(target: Target) -> set[str]:
    cloudformation = CloudFormation(target)
    detected = cloudformation.drift_detected(cloudformation.detect_drift(target.stack))
    return {each.logical_id for each in cloudformation.missing_resources(target.stack)} if detected else set()


def test_resources_that_are_gone_are_reported(target: Target) -> None:
    gateway, glue = target.client("apigateway"), target.client("glue")
    assert _missing(target) == set()

    (api,) = gateway.get_rest_apis()["items"]
    gateway.delete_stage(restApiId=api["id"], stageName="v1")
    gateway.delete_api_key(apiKey=gateway.get_api_keys()["items"][0]["id"])
    gateway.delete_usage_plan(usagePlanId=gateway.get_usage_plans()["items"][0]["id"])
    target.client("athena").delete_work_group(WorkGroup="small")
    glue.delete_table(DatabaseName="small", Name="small")
    target.client("firehose").delete_delivery_stream(DeliveryStreamName="small")
    assert _missing(target) == {"Stage", "Key", "Plan", "Group", "Table", "Delivery"}

    gateway.delete_rest_api(restApiId=api["id"])
    glue.delete_database(Name="small")
    assert _missing(target) >= {"Api", "Stage", "Database", "Table"}

"""All that `nrti teardown --target aws` sends: a whole stack, with its data and without."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from nrti_cli.aws.apigateway import reset_log_role
from nrti_cli.aws.cloudformation.stacks import Stack
from nrti_cli.aws.target import Target
from nrti_cli.stack.delete import Teardown
from nrti_cli.stack.inventory import Finder
from nrti_cli.stack.poll_interval import PollInterval
from tests.unit.aws_run.conftest import ACCOUNT, ARTIFACTS, LAKE, REGION
from tests.unit.conftest import Stub
from tests.unit.stack.conftest import STACK_ID, Story, event, stack_event

TABLE = "nrti-predictions"
SECRET = "/nrti/nrti/alerts/silence-1"
TABLE_ARN = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{TABLE}"
_TEMPLATE = {
    "Resources": {
        "LakeBucket": {"Type": "AWS::S3::Bucket", "Properties": {}, "DeletionPolicy": "Delete"},
        "Table": {
            "Type": "AWS::DynamoDB::Table",
            "Properties": {"KinesisStreamSpecification": {"StreamArn": {"Fn::GetAtt": ["Stream", "Arn"]}}},
        },
        "Stream": {"Type": "AWS::Kinesis::Stream", "Properties": {}},
    }
}
_NOW = datetime(2026, 11, 22, tzinfo=UTC)


def _found(stub: Stub, story: Story, *, stack: bool, data: bool, sagemaker: bool) -> None:
    """What a look around finds."""
    story.stack("UPDATE_COMPLETE" if stack else None)
    if stack:
        names = {"Table": ("AWS::DynamoDB::Table", TABLE), "LakeBucket": ("AWS::S3::Bucket", LAKE)}
        resources = [
            {
                "LogicalResourceId": logical_id,
                "ResourceType": type_,
                "PhysicalResourceId": name,
                "ResourceStatus": "CREATE_COMPLETE",
                "LastUpdatedTimestamp": _NOW,
            }
            for logical_id, (type_, name) in names.items()
        ]
        story.stub.add_response(
            "list_stack_resources", {"StackResourceSummaries": resources}, {"StackName": STACK_ID}
        )
    _sagemaker(stub, exists=sagemaker)
    dynamodb, s3 = stub("dynamodb"), stub("s3")
    if data:
        dynamodb.add_response("describe_table", {"Table": {"TableStatus": "ACTIVE", "ItemCount": 1}})
        s3.add_response("head_bucket", {}, {"Bucket": LAKE})
    else:
        dynamodb.add_client_error("describe_table", "ResourceNotFoundException")
        s3.add_client_error("head_bucket", "404", expected_params={"Bucket": LAKE})
    story.stack(None)  # the dashboard's
    names_ = [*([ARTIFACTS] if stack else []), *([LAKE] if data else []), "another-users"]
    s3.add_response("list_buckets", {"Buckets": [{"Name": name} for name in names_]})
    for _ in range(4 + sagemaker):
        stub("logs").add_response("describe_log_groups", {"logGroups": []})
    secrets = [{"Name": SECRET}] if stack and sagemaker else []
    path = {"Path": "/nrti/nrti/alerts", "Recursive": True}
    stub("ssm").add_response("get_parameters_by_path", {"Parameters": secrets}, path)


def _sagemaker(stub: Stub, *, exists: bool) -> None:
    client = stub("sagemaker")
    arn = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:x/nrti-m"
    common = {"CreationTime": _NOW}
    listed: dict[str, tuple[str, dict[str, Any]]] = {
        "list_training_jobs": (
            "TrainingJobSummaries",
            {"TrainingJobName": "nrti-m-1", "TrainingJobArn": arn, "TrainingJobStatus": "Completed"},
        ),
        "list_endpoints": (
            "Endpoints",
            {
                "EndpointName": "nrti-m",
                "EndpointArn": arn,
                "EndpointStatus": "InService",
                "LastModifiedTime": _NOW,
            },
        ),
        "list_endpoint_configs": (
            "EndpointConfigs",
            {"EndpointConfigName": "nrti-m-1", "EndpointConfigArn": arn},
        ),
        "list_models": ("Models", {"ModelName": "nrti-m-1", "ModelArn": arn}),
    }
    for operation, (plural, each) in listed.items():
        client.add_response(operation, {plural: [{**each, **common}] if exists else []})
        if exists:
            client.add_response("list_tags", {"Tags": [{"Key": "nrti:stack", "Value": "nrti"}]})


def _deletes_sagemaker(stub: Stub) -> None:
    client, logs = stub("sagemaker"), stub("logs")
    client.add_response("delete_training_job", {}, {"TrainingJobName": "nrti-m-1"})
    client.add_response("delete_endpoint", {}, {"EndpointName": "nrti-m"})
    client.add_response("delete_endpoint_config", {}, {"EndpointConfigName": "nrti-m-1"})
    client.add_response("delete_model", {}, {"ModelName": "nrti-m-1"})
    group = "/aws/sagemaker/TrainingJobs"
    stream = {"logGroupName": group, "logStreamName": "nrti-m-1/algo-1-1"}
    logs.add_response(
        "describe_log_streams",
        {"logStreams": [{"logStreamName": "nrti-m-1/algo-1-1"}]},
        {"logGroupName": group, "logStreamNamePrefix": "nrti-m-1/"},
    )
    logs.add_response("delete_log_stream", {}, stream)
    _sagemaker(stub, exists=False)
    for _ in range(4):
        logs.add_response("describe_log_groups", {"logGroups": []})
    endpoint_logs = "/aws/sagemaker/Endpoints/nrti-m"
    logs.add_response("describe_log_groups", {"logGroups": [{"logGroupName": endpoint_logs}]})
    logs.add_response("delete_log_group", {}, {"logGroupName": endpoint_logs})


def _versions(stub: Stub, bucket: str, times: int) -> None:
    """A bucket's listing, with a version and a delete marker in it; the first is only counted."""
    listing = {
        "Versions": [{"Key": "a", "VersionId": "1"}],
        "DeleteMarkers": [{"Key": "a", "VersionId": "2"}],
    }
    stub("s3").add_response("list_object_versions", listing, {"Bucket": bucket})
    for _ in range(times):
        stub("s3").add_response("list_object_versions", listing, {"Bucket": bucket})
        objects = [{"Key": "a", "VersionId": "1"}, {"Key": "a", "VersionId": "2"}]
        stub("s3").add_response(
            "delete_objects", {}, {"Bucket": bucket, "Delete": {"Objects": objects, "Quiet": True}}
        )


def _deletes_stack(story: Story) -> None:
    story.events()
    story.stack("UPDATE_COMPLETE")
    story.deleted()
    story.stub.add_client_error("describe_stack_events", "Throttling", "Rate exceeded")
    story.events(event("Table", "DELETE_COMPLETE"), stack_event("DELETE_COMPLETE"))


def _tagged(stub: Stub, *arns: str) -> None:
    stub("resourcegroupstaggingapi").add_response(
        "get_resources",
        {"ResourceTagMappingList": [{"ResourceARN": arn} for arn in arns]},
        {"TagFilters": [{"Key": "nrti:stack", "Values": ["nrti"]}]},
    )


def _run(target: Target, poll: PollInterval, *, keep_data: bool) -> list[str]:
    finder = Finder(target, keep_data=keep_data)
    happened = Teardown(target, finder, poll).delete(finder.find())
    return [f"{each.status} {each.logical_id}" for each in happened]


def test_everything(target: Target, stub: Stub, story: Story, poll: PollInterval) -> None:
    _found(stub, story, stack=True, data=True, sagemaker=True)
    for bucket in (ARTIFACTS, LAKE):
        _versions(stub, bucket, times=2)
        stub("s3").add_response("head_bucket", {}, {"Bucket": bucket})
        stub("s3").add_response("delete_bucket", {}, {"Bucket": bucket})
    _deletes_sagemaker(stub)
    _deletes_stack(story)
    stub("ssm").add_response("delete_parameters", {"DeletedParameters": [SECRET]}, {"Names": [SECRET]})
    _found(stub, story, stack=False, data=False, sagemaker=False)
    _tagged(stub, TABLE_ARN)  # AWS's index is behind
    _tagged(stub)

    gone = _run(target, poll, keep_data=False)

    assert gone == [
        "DELETE_COMPLETE nrti-m-1",
        "DELETE_COMPLETE nrti-m",
        "DELETE_COMPLETE nrti-m-1",
        "DELETE_COMPLETE nrti-m-1",
        "DELETE_COMPLETE Table",
        f"DELETE_COMPLETE {ARTIFACTS}",
        f"DELETE_COMPLETE {LAKE}",
        f"DELETE_COMPLETE {SECRET}",
        "DELETE_COMPLETE /aws/sagemaker/Endpoints/nrti-m",
    ]


@pytest.mark.parametrize("template", [_TEMPLATE, json.dumps(_TEMPLATE)])
def test_all_but_the_data(
    target: Target, stub: Stub, story: Story, poll: PollInterval, template: object
) -> None:
    _found(stub, story, stack=True, data=True, sagemaker=False)
    for _ in range(2):
        story.stack("UPDATE_COMPLETE")
    story.stub.add_response(
        "get_template",
        {"TemplateBody": template if isinstance(template, str) else json.dumps(template)},
        {"StackName": STACK_ID},
    )
    story.stack("UPDATE_COMPLETE", BufferSeconds="60")
    story.stub.add_response("get_template_summary", {"Parameters": []})
    detached = json.dumps(
        {
            "Resources": {
                "LakeBucket": {"Type": "AWS::S3::Bucket", "Properties": {}, "DeletionPolicy": "Retain"},
                "Table": {"Type": "AWS::DynamoDB::Table", "Properties": {}, "DeletionPolicy": "Retain"},
                "Stream": {"Type": "AWS::Kinesis::Stream", "Properties": {}},
            }
        },
        separators=(",", ":"),
    )
    story.change_set("UPDATE", template=detached)
    story.events()
    story.executed()
    story.events(event("Queue", "UPDATE_COMPLETE"), stack_event("UPDATE_COMPLETE"))
    _versions(stub, ARTIFACTS, times=2)
    stub("s3").add_response("head_bucket", {}, {"Bucket": ARTIFACTS})
    stub("s3").add_response("delete_bucket", {}, {"Bucket": ARTIFACTS})
    story.events()
    story.stack("UPDATE_COMPLETE")
    story.deleted()
    story.events(event("Table", "DELETE_SKIPPED"), stack_event("DELETE_COMPLETE"))
    for _ in range(4):
        stub("logs").add_response("describe_log_groups", {"logGroups": []})
    _found(stub, story, stack=False, data=True, sagemaker=False)
    _tagged(stub, TABLE_ARN, f"arn:aws:s3:::{LAKE}")

    gone = _run(target, poll, keep_data=True)

    assert gone == ["UPDATE_COMPLETE Queue", "DELETE_SKIPPED Table", f"DELETE_COMPLETE {ARTIFACTS}"]


def _streams_to_kinesis(stub: Stub) -> None:
    """A kept table that would go on sending to a stream that is deleted."""
    streams = {
        status: f"arn:aws:kinesis:{REGION}:{ACCOUNT}:stream/{status}" for status in ("ACTIVE", "DISABLED")
    }
    destinations = [{"StreamArn": arn, "DestinationStatus": status} for status, arn in streams.items()]
    dynamodb = stub("dynamodb")
    dynamodb.add_response(
        "describe_kinesis_streaming_destination",
        {"TableName": TABLE, "KinesisDataStreamDestinations": destinations},
        {"TableName": TABLE},
    )
    dynamodb.add_response(
        "disable_kinesis_streaming_destination", {}, {"TableName": TABLE, "StreamArn": streams["ACTIVE"]}
    )


@pytest.mark.parametrize(("used", "cleared"), [("nrti-eu-central-1-api-logs", True), ("theirs", False)])
def test_the_regions_role_for_logs_is_cleared_if_it_goes_with_the_stack(
    target: Target, stub: Stub, used: str, cleared: bool
) -> None:
    apigateway = stub("apigateway")
    apigateway.add_response("get_account", {"cloudwatchRoleArn": f"arn:aws:iam::{ACCOUNT}:role/{used}"})
    if cleared:
        operation = {"op": "replace", "path": "/cloudwatchRoleArn", "value": ""}
        apigateway.add_response("update_account", {}, {"patchOperations": [operation]})

    reset_log_role(target, "nrti-eu-central-1-api-logs")


def test_data_stays_of_a_stack_that_could_not_be_deleted(
    target: Target, stub: Stub, story: Story, poll: PollInterval
) -> None:
    _found(stub, story, stack=True, data=True, sagemaker=False)
    finder = Finder(target, keep_data=True)
    _versions(stub, ARTIFACTS, times=2)
    found = finder.find()
    failed = Stack("nrti", STACK_ID, "DELETE_FAILED")
    stub("s3").add_response("head_bucket", {}, {"Bucket": ARTIFACTS})
    stub("s3").add_response("delete_bucket", {}, {"Bucket": ARTIFACTS})
    _streams_to_kinesis(stub)
    story.events()
    story.stack("DELETE_FAILED")
    story.stub.add_response(
        "delete_stack", {}, {"StackName": STACK_ID, "RetainResources": ["LakeBucket", "Table"]}
    )
    story.events(stack_event("DELETE_COMPLETE"))
    for _ in range(4):
        stub("logs").add_response("describe_log_groups", {"logGroups": []})
    _found(stub, story, stack=False, data=True, sagemaker=False)
    _tagged(stub)

    gone = list(Teardown(target, finder, poll).delete(replace(found, stack=failed)))

    assert [(each.type, each.logical_id) for each in gone] == [("AWS::S3::Bucket", ARTIFACTS)]

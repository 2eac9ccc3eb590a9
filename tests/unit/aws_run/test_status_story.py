"""All that `nrti status --target aws` sends, which the operator's policy allows."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path

import pytest
from botocore.stub import ANY

from nrti_cli.aws.target import Target
from nrti_cli.stack.health import health
from nrti_cli.stack.outputs import Outputs, output_key, outputs
from tests.unit.aws_run.conftest import ACCOUNT, ARTIFACTS
from tests.unit.aws_run.policy import FILE as DEPLOYER
from tests.unit.aws_run.policy import OPERATOR
from tests.unit.conftest import Stub


@pytest.fixture
def policies() -> tuple[Path, ...]:
    return DEPLOYER, OPERATOR


_NOW = datetime(2026, 11, 22, tzinfo=UTC)


def stack_outputs(stub: Stub, times: int, **given: str) -> None:
    """Answers with the outputs of the stack so many times: those given, and `the-table` for `table`."""
    found = [
        {
            "OutputKey": output_key(field.name),
            "OutputValue": given.get(field.name, f"the-{field.name}"),
        }
        for field in fields(Outputs)
    ]
    stack = {"StackName": "nrti", "StackId": "s", "StackStatus": "CREATE_COMPLETE", "CreationTime": _NOW}
    for _ in range(times):
        stub("cloudformation").add_response(
            "describe_stacks", {"Stacks": [{**stack, "Outputs": found}]}, {"StackName": "nrti"}
        )


def every_table(stub: Stub) -> None:
    """Answers with the tables that a stack has."""
    names = ("predictions_raw", "predictions", "labels", "outcomes")
    stub("athena").add_response(
        "list_table_metadata",
        {"TableMetadataList": [{"Name": name} for name in names]},
        {"CatalogName": "AwsDataCatalog", "DatabaseName": "the-database"},
    )


def _lake(stub: Stub, *, gone: bool) -> None:
    s3 = stub("s3")
    if gone:
        s3.add_client_error("head_bucket", "404", expected_params={"Bucket": "the-lake_bucket"})
    else:
        s3.add_response("head_bucket", {}, {"Bucket": "the-lake_bucket"})
    for _ in range(2):
        s3.add_response("list_objects_v2", {}, {"Bucket": "the-lake_bucket", "Prefix": ANY})
    s3.add_response(
        "list_objects_v2", {}, {"Bucket": "the-lake_bucket", "Prefix": "labels/", "Delimiter": "/"}
    )


def _nothing_is_kept(stub: Stub) -> None:
    stub("s3").add_response("list_objects_v2", {}, {"Bucket": ARTIFACTS, "Prefix": "unparked/"})


@pytest.mark.parametrize("gone", [False, True])
def test_every_stage_is_looked_at(target: Target, stub: Stub, gone: bool) -> None:
    stack_outputs(stub, 2)
    _nothing_is_kept(stub)
    _lake(stub, gone=gone)
    values = [{"Id": f"m{number}", "Timestamps": [], "Values": []} for number in range(12)]
    stub("cloudwatch").add_response("get_metric_data", {"MetricDataResults": values})
    if gone:
        stub("apigateway").add_client_error("get_stage", "NotFoundException")
        stub("logs").add_client_error("filter_log_events", "ResourceNotFoundException")
        stub("sqs").add_client_error("get_queue_attributes", "AWS.SimpleQueueService.NonExistentQueue")
        stub("dynamodb").add_client_error("describe_table", "ResourceNotFoundException")
        stub("kinesis").add_client_error("describe_stream_summary", "ResourceNotFoundException")
        stub("athena").add_client_error(
            "list_table_metadata", "MetadataException", "Database the-database not found"
        )
    else:
        _present(stub)
    stub("sagemaker").add_response("list_endpoints", {"Endpoints": []})
    stub("sts").add_response("get_caller_identity", {"Account": ACCOUNT})
    stub("s3").add_client_error("get_object", "NoSuchKey", expected_params={"Bucket": ARTIFACTS, "Key": ANY})

    stub("cloudwatch").add_response("describe_alarms", {"MetricAlarms": []})

    stages = {stage.name: stage.state for stage in health(target, outputs(target))}

    failing = {name for name, state in stages.items() if state == "failed"}
    assert failing == ({"API", "dead letters", "table", "stream", "lake", "labels"} if gone else set())


def _present(stub: Stub) -> None:
    stub("apigateway").add_response(
        "get_stage", {"stageName": "v1"}, {"restApiId": "the-api_id", "stageName": "the-api_stage"}
    )
    stub("logs").add_response("filter_log_events", {"events": []})
    depth = {"ApproximateNumberOfMessages": "0", "ApproximateNumberOfMessagesNotVisible": "0"}
    stub("sqs").add_response("get_queue_attributes", {"Attributes": depth})
    stub("dynamodb").add_response("describe_table", {"Table": {"TableStatus": "ACTIVE", "ItemCount": 0}})
    summary = {
        "StreamName": "s",
        "StreamARN": "arn:aws:kinesis:eu-central-1:1:stream/s",
        "StreamStatus": "ACTIVE",
        "RetentionPeriodHours": 24,
        "StreamCreationTimestamp": _NOW,
        "EnhancedMonitoring": [],
        "OpenShardCount": 1,
    }
    stub("kinesis").add_response("describe_stream_summary", {"StreamDescriptionSummary": summary})
    every_table(stub)

"""docs/operator-policy.json has what the commands of an operator call, and nothing that changes the stack."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from nrti_cli import aws
from nrti_cli.aws.target import Target
from tests.policies import arn
from tests.unit.aws_run.conftest import ARTIFACTS, LAKE, PLACE, decision
from tests.unit.aws_run.policy import OPERATOR, action, patterns

_CALL = re.compile(r'client\.(?:get_paginator\("(\w+)"\)|([a-z_]+)\()')
#: IAM has no actions for the forms of these that take several messages.
_BATCHES = {"sqs:DeleteMessageBatch", "sqs:ChangeMessageVisibilityBatch"}


def _allowed() -> set[str]:
    return set(patterns(OPERATOR))


@pytest.mark.parametrize(
    ("module", "service", "prefix"),
    [
        ("sqs", "sqs", "sqs"),
        ("stepfunctions", "stepfunctions", "states"),
        ("dynamodb/items", "dynamodb", "dynamodb"),
        ("dynamodb/streams", "dynamodbstreams", "dynamodb"),
        ("kinesis/change_records", "kinesis", "kinesis"),
        ("athena", "athena", "athena"),
        ("cloudwatch/metrics", "cloudwatch", "cloudwatch"),
    ],
)
def test_every_call_is_allowed(target: Target, module: str, service: str, prefix: str) -> None:
    source = (Path(aws.__file__).parent / f"{module}.py").read_text()
    operations = target.client(service).meta.method_to_api_mapping
    called = {
        operations[paged or plain] for paged, plain in _CALL.findall(source) if (paged or plain) in operations
    }
    needed = {action(prefix, name) for name in called}

    assert needed
    assert {name.removesuffix("Batch") if name in _BATCHES else name for name in needed} <= _allowed()


def test_tail_may_ask_whether_a_model_is_there() -> None:
    assert "sagemaker:DescribeEndpoint" in _allowed()


def test_nothing_is_allowed_that_changes_the_stack_or_what_is_stored() -> None:
    writing = {
        name
        for name in _allowed()
        if not re.search(":(GET$|Get|List|Describe|Filter|Receive|Query|Scan|BatchGet)", name)
    }

    assert writing == {
        "athena:StartQueryExecution",
        "athena:StopQueryExecution",
        "iam:PassRole",
        "kinesis:PutRecords",
        "lambda:InvokeFunction",
        "s3:AbortMultipartUpload",
        "s3:DeleteObject",
        "s3:PutObject",
        "scheduler:CreateSchedule",
        "scheduler:DeleteSchedule",
        "sqs:ChangeMessageVisibility",
        "sqs:DeleteMessage",
        "sqs:SendMessage",
        "ssm:DeleteParameters",
        "ssm:PutParameter",
        "states:StartSyncExecution",
    }


_TABLE = "dynamodb:table/nrti-predictions"


#: Actions on a resource of the stack, and on such as the policy must not reach.
ON_THIS_STACK = [
    ("apigateway:GET", "apigateway:/restapis/a1/stages/v1", "apigateway:/apikeys/k"),
    ("athena:StartQueryExecution", "athena:workgroup/nrti", "athena:workgroup/primary"),
    ("cloudformation:DescribeStacks", "cloudformation:stack/nrti/u", "cloudformation:stack/nrti2/u"),
    ("dynamodb:BatchGetItem", _TABLE, "dynamodb:table/nrti2-predictions"),
    ("dynamodb:DescribeTable", _TABLE, "dynamodb:table/nrti2-predictions"),
    ("dynamodb:Query", _TABLE, "dynamodb:table/nrti2-predictions"),
    ("dynamodb:DescribeStream", f"{_TABLE}/stream/t", "dynamodb:table/nrti2-predictions/stream/t"),
    ("dynamodb:GetShardIterator", f"{_TABLE}/stream/t", "dynamodb:table/nrti2-predictions/stream/t"),
    ("dynamodb:GetRecords", f"{_TABLE}/stream/t", "dynamodb:table/other/stream/t"),
    ("glue:GetTable", "glue:table/nrti/predictions_raw", "glue:table/other/t"),
    ("kinesis:DescribeStreamSummary", "kinesis:stream/nrti-predictions", "kinesis:stream/other"),
    (
        "logs:FilterLogEvents",
        "logs:log-group:/aws/lambda/nrti-inference:log-stream:",
        "logs:log-group:/aws/lambda/nrti-inference-2:log-stream:",
    ),
    ("s3:GetObject", f"s3:{LAKE}/athena-results/q.csv", "s3:nrti-artifacts-1/models/m"),
    ("s3:GetObject", "s3:nrti-artifacts-1/signatures/nrti-m/1.json", "s3:nrti-artifacts-1/data/j/x"),
    ("s3:ListBucket", f"s3:{LAKE}", "s3:other"),
    ("s3:PutObject", f"s3:{LAKE}/athena-results/q.csv", f"s3:{LAKE}/predictions/day=2026-11-22/f"),
    ("s3:PutObject", f"s3:{LAKE}/labels/month=2026-11/f", f"s3:{LAKE}/errors/f"),
    ("s3:GetObject", f"s3:{ARTIFACTS}/references/nrti-m/1.json", f"s3:{ARTIFACTS}/models/m.tar.gz"),
    ("s3:PutObject", f"s3:{ARTIFACTS}/references/nrti-m/1.json", f"s3:{ARTIFACTS}/signatures/nrti-m/1"),
    ("s3:ListBucket", f"s3:{ARTIFACTS}", "s3:other"),
    ("s3:GetObject", f"s3:{ARTIFACTS}/unparked/x.json", f"s3:{ARTIFACTS}/models/m.tar.gz"),
    ("s3:DeleteObject", f"s3:{ARTIFACTS}/unparked/x.json", f"s3:{ARTIFACTS}/models/m.tar.gz"),
    ("sagemaker:DescribeEndpoint", "sagemaker:endpoint/nrti-m", "sagemaker:endpoint/nrti2-m"),
    ("sagemaker:ListTags", "sagemaker:endpoint-config/nrti-m-1", "sagemaker:endpoint-config/nrti2-m-1"),
    ("sagemaker:DescribeEndpointConfig", "sagemaker:endpoint-config/nrti-m", "sagemaker:endpoint-config/m"),
    ("sqs:ReceiveMessage", "sqs:nrti-dead-letters", "sqs:nrti2-dead-letters"),
    ("s3:PutObject", "s3:nrti-artifacts-1/alerts/rules.json", "s3:nrti-artifacts-1/code/f.zip"),
    ("lambda:InvokeFunction", "lambda:function:nrti-alerts", "lambda:function:nrti-inference"),
    (
        "scheduler:CreateSchedule",
        "scheduler:schedule/nrti-alerts/every-minute",
        "scheduler:schedule/default/every-minute",
    ),
    ("ssm:PutParameter", "ssm:parameter/nrti/nrti/alerts/r", "ssm:parameter/nrti/nrti2/alerts/r"),
]  # fmt: skip
WITHOUT_RESOURCE = ["cloudwatch:GetMetricData", "sagemaker:ListEndpointConfigs", "sagemaker:ListEndpoints"]


@pytest.mark.parametrize(("wanted", "resource", "other"), ON_THIS_STACK)
def test_a_call_of_the_page_is_allowed_on_this_stack_alone(wanted: str, resource: str, other: str) -> None:
    assert decision(OPERATOR, wanted, arn(resource, PLACE)) == "Allow"
    assert decision(OPERATOR, wanted, arn(other, PLACE)) == "ImplicitDeny"


@pytest.mark.parametrize("wanted", WITHOUT_RESOURCE)
def test_a_call_that_has_no_resource_is_allowed(wanted: str) -> None:
    assert decision(OPERATOR, wanted, "*") == "Allow"

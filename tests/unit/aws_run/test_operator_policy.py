"""docs/operator-policy.json has what `redrive`, `verify` and `tail` call; nothing that changes the stack."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from nrti_cli import aws
from nrti_cli.aws.target import Target
from tests.unit.aws_run.policy import action

FILE = Path(__file__).parents[3] / "docs" / "operator-policy.json"
_CALL = re.compile(r'client\.(?:get_paginator\("(\w+)"\)|([a-z_]+)\()')
#: IAM has no actions for the forms of these that take several messages.
_BATCHES = {"sqs:DeleteMessageBatch", "sqs:ChangeMessageVisibilityBatch"}


def _allowed() -> set[str]:
    statements = json.loads(FILE.read_text())["Statement"]
    actions = [each["Action"] for each in statements]
    return {name for each in actions for name in ([each] if isinstance(each, str) else each)}


@pytest.mark.parametrize(
    ("module", "service", "prefix"),
    [
        ("sqs", "sqs", "sqs"),
        ("stepfunctions", "stepfunctions", "states"),
        ("items", "dynamodb", "dynamodb"),
        ("streams", "dynamodbstreams", "dynamodb"),
        ("change_records", "kinesis", "kinesis"),
        ("athena", "athena", "athena"),
        ("cloudwatch", "cloudwatch", "cloudwatch"),
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
        name for name in _allowed() if not re.search(":(Get|List|Describe|Receive|Query|Scan|BatchGet)", name)
    }

    assert writing == {
        "athena:StartQueryExecution",
        "athena:StopQueryExecution",
        "kinesis:PutRecords",
        "s3:AbortMultipartUpload",
        "s3:PutObject",
        "sqs:ChangeMessageVisibility",
        "sqs:DeleteMessage",
        "sqs:SendMessage",
        "states:StartSyncExecution",
    }

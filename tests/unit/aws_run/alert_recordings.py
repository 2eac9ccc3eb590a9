"""Recordings of what `nrti alert` asks of AWS."""

from __future__ import annotations

import io
import json
from typing import Any

from botocore.response import StreamingBody

from nrti_cli.remote.alerts_function.rules import RULES_KEY, Rule
from tests.unit.aws_run.conftest import ACCOUNT, ARTIFACTS, REGION
from tests.unit.conftest import Stub


def body(content: bytes) -> StreamingBody:
    """The body of an answer."""
    return StreamingBody(io.BytesIO(content), len(content))


def has_object(stub: Stub, key: str, document: dict[str, Any] | None, etag: str = '"1"') -> None:
    """What the bucket has next under a key."""
    where = {"Bucket": ARTIFACTS, "Key": key}
    if document is None:
        stub("s3").add_client_error("get_object", "NoSuchKey", expected_params=where)
    else:
        answer = {"Body": body(json.dumps(document).encode()), "ETag": etag}
        stub("s3").add_response("get_object", answer, where)


def has_rules(stub: Stub, *rules: Rule, etag: str = '"1"') -> None:
    """The file of rules; it does not exist without any."""
    has_object(stub, RULES_KEY, {"rules": [each.document() for each in rules]} if rules else None, etag)


def writes_rules(stub: Stub, *rules: Rule, conflict: bool = False, **condition: str) -> None:
    """These rules are written, under a condition on what was read, or another writer was faster."""
    content = json.dumps({"rules": [each.document() for each in rules]}, indent=1).encode()
    expected = {"Bucket": ARTIFACTS, "Key": RULES_KEY, "Body": content, **condition}
    if conflict:
        stub("s3").add_client_error("put_object", "PreconditionFailed", expected_params=expected)
    else:
        stub("s3").add_response("put_object", {}, expected)


def has_stack(stub: Stub, address: str = "") -> None:
    """The stack, with its alarm e-mail."""
    stack = {
        "StackName": "nrti",
        "StackId": "s",
        "StackStatus": "CREATE_COMPLETE",
        "CreationTime": "2026-11-22",
        "Parameters": [{"ParameterKey": "AlarmEmail", "ParameterValue": address}],
    }
    stub("cloudformation").add_response("describe_stacks", {"Stacks": [stack]})


def schedules(stub: Stub, *, again: bool = False) -> None:
    """The schedule of the function for alerts is created, or exists already."""
    expected = {
        "GroupName": "nrti-alerts",
        "Name": "every-minute",
        "ScheduleExpression": "rate(1 minute)",
        "FlexibleTimeWindow": {"Mode": "OFF"},
        "Target": {
            "Arn": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:nrti-alerts",
            "RoleArn": f"arn:aws:iam::{ACCOUNT}:role/nrti-{REGION}-alert-schedule",
            "RetryPolicy": {"MaximumRetryAttempts": 0, "MaximumEventAgeInSeconds": 60},
        },
    }
    if again:
        stub("scheduler").add_client_error("create_schedule", "ConflictException", expected_params=expected)
    else:
        arn = f"arn:aws:scheduler:{REGION}:{ACCOUNT}:schedule/nrti-alerts/every-minute"
        stub("scheduler").add_response("create_schedule", {"ScheduleArn": arn}, expected)


def keeps_secret(stub: Stub, name: str, address: str) -> None:
    """The address of a webhook becomes a parameter."""
    expected = {"Name": name, "Value": address, "Type": "SecureString", "Overwrite": True}
    stub("ssm").add_response("put_parameter", {"Version": 1, "Tier": "Standard"}, expected)

"""A member of a request that is null is as one that is not sent, whatever reads the request."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.loaders import Loader
from botocore.model import ServiceModel

from nrti_cli.aws.target import Target
from nrti_local.process import REGION
from tests.local.fuzz_client import FuzzClient

_MACHINE = f"arn:aws:states:{REGION}:000000000000:stateMachine:nrti-inference"
_QUERY = {"QueryString": "select 1", "ClientRequestToken": "a" * 32, "WorkGroup": "nrti"}

_METRIC = {"Id": "a", "Expression": "TIME_SERIES(1)", "Period": 60, "Label": None, "ReturnData": None}


@pytest.mark.parametrize(
    ("service", "operation", "needed"),
    [
        ("sagemaker", "ListModels", {}),
        ("sagemaker", "ListTrainingJobs", {}),
        ("athena", "ListWorkGroups", {}),
        ("athena", "StartQueryExecution", _QUERY),
        ("kinesis", "DescribeStream", {"StreamName": "nrti-predictions"}),
        ("kinesis", "ListShards", {"StreamName": "nrti-predictions"}),
        ("dynamodb", "Scan", {"TableName": "nrti-predictions"}),
        ("logs", "FilterLogEvents", {"logGroupName": "/aws/lambda/nrti-inference"}),
        ("logs", "DescribeQueries", {}),
        ("cloudwatch", "DescribeAlarms", {}),
        ("cloudwatch", "GetMetricData", {"MetricDataQueries": [_METRIC], "StartTime": 0, "EndTime": 60}),
        ("stepfunctions", "StartExecution", {"stateMachineArn": _MACHINE}),
    ],
)
def test_null_is_nothing(service: str, operation: str, needed: dict[str, Any], pipeline: Target) -> None:
    model = ServiceModel(Loader().load_service_model(service, "service-2"), service)
    shape = model.operation_model(operation).input_shape
    assert shape
    body = dict.fromkeys(shape.members) | needed
    scope = f"test/20261128/{REGION}/{model.signing_name}/aws4_request"
    headers = {
        "authorization": f"AWS4-HMAC-SHA256 Credential={scope}",
        "x-amz-target": f"{model.metadata['targetPrefix']}.{operation}",
        "content-type": f"application/x-amz-json-{model.metadata.get('jsonVersion', '1.0')}",
    }

    reply = FuzzClient(pipeline.endpoint_url or "").send("POST", "/", json.dumps(body).encode(), headers)

    assert reply.status == 200, reply.body

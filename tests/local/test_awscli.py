"""The `aws` command line, which knows nothing of nrti, finds and uses everything that nrti deployed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nrti_cli.aws.target import Target
from nrti_cli.stack.outputs import outputs
from tests.local.conftest import Nrti

Aws = Callable[..., Any]


@pytest.fixture(scope="module")
def aws(pipeline: Target, nrti: Nrti) -> Aws:  # noqa: ARG001 (the stack must be there)
    """Runs `aws`, pointed to the embedded AWS by what `nrti local env` prints, and returns its JSON."""
    exports = nrti("local", "env").stdout
    shell = 'eval "$EXPORTS"; exec "$@"'

    def run(*arguments: str) -> Any:
        done = subprocess.run(
            [
                "sh",
                "-c",
                shell,
                "sh",
                str(Path(sys.executable).with_name("aws")),
                *arguments,
                "--output",
                "json",
            ],
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "EXPORTS": exports},
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout or "null")

    return run


def test_it_lists_and_describes_every_part(aws: Aws, pipeline: Target) -> None:
    stack = outputs(pipeline)

    assert stack.table in aws("dynamodb", "list-tables")["TableNames"]
    assert aws("dynamodb", "describe-table", "--table-name", stack.table)["Table"]["TableStatus"] == "ACTIVE"
    summary = aws("kinesis", "describe-stream-summary", "--stream-name", stack.stream)
    assert summary["StreamDescriptionSummary"]["StreamStatus"] == "ACTIVE"
    delivery = aws("firehose", "describe-delivery-stream", "--delivery-stream-name", stack.delivery_stream)
    assert delivery["DeliveryStreamDescription"]["DeliveryStreamStatus"] == "ACTIVE"
    machine = aws("stepfunctions", "describe-state-machine", "--state-machine-arn", stack.state_machine_arn)
    assert machine["type"] == "EXPRESS"
    functions = {f["FunctionName"] for f in aws("lambda", "list-functions")["Functions"]}
    assert {stack.inference_function, stack.transform_function} <= functions
    assert stack.api_id in {api["id"] for api in aws("apigateway", "get-rest-apis")["items"]}
    table = aws("glue", "get-table", "--database-name", stack.database, "--name", "predictions")
    assert table["Table"]["Parameters"]["projection.enabled"] == "true"
    assert aws("athena", "get-work-group", "--work-group", stack.workgroup)["WorkGroup"]["State"] == "ENABLED"
    assert "Attributes" in aws(
        "sqs", "get-queue-attributes", "--queue-url", stack.dead_letter_queue_url, "--attribute-names", "All"
    )
    assert stack.lake_bucket in {bucket["Name"] for bucket in aws("s3api", "list-buckets")["Buckets"]}
    described = aws("cloudformation", "describe-stacks", "--stack-name", pipeline.stack)["Stacks"][0]
    assert described["StackStatus"].endswith("_COMPLETE")


def test_it_starts_the_workflow_and_invokes_the_model(
    aws: Aws, pipeline: Target, model: str, tmp_path: Path
) -> None:
    answer = tmp_path / "answer.json"
    endpoint = f"{pipeline.stack}-{model}"

    assert aws("sagemaker", "describe-endpoint", "--endpoint-name", endpoint)["EndpointStatus"] == "InService"
    body = '{"instances": [[1, 99, 2]]}'
    request = ("--endpoint-name", endpoint, "--content-type", "application/json", "--body", body)
    aws("sagemaker-runtime", "invoke-endpoint", *request, str(answer))

    assert json.loads(answer.read_text())["predictions"][0]["prediction"] == 1

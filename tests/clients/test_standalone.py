"""`python -m nrti_local` alone, used by the AWS CLI as a person would, and killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.local import standalone
from tests.local.functions import archive
from tests.local.sagemaker_support import IMAGE, SERVERLESS, tarball
from tests.waiting import eventually

pytestmark = pytest.mark.clients

ROLE = "arn:aws:iam::000000000000:role/any"
MACHINE = "arn:aws:states:eu-central-2:000000000000:stateMachine:"
SCRIPT = """
def model_fn(directory): return None
def input_fn(body, content_type): return body
def predict_fn(data, model): return data
def output_fn(prediction, accept): return prediction
"""


class Cli:
    """The AWS CLI, several commands in one process."""

    def __init__(self, process: subprocess.Popen[str], directory: Path) -> None:
        self._process = process
        self.directory = directory

    def __call__(self, service: str, operation: str, *arguments: str, **options: Any) -> Any:
        """Runs a command; an option's underscores are hyphens, and what is no text is JSON."""
        named = [
            part
            for name, value in options.items()
            for part in (
                f"--{name.replace('_', '-')}",
                value if isinstance(value, str) else json.dumps(value),
            )
        ]
        assert self._process.stdin
        assert self._process.stdout
        line = [service, operation, *named, *arguments, "--output", "json"]
        print(json.dumps(line), file=self._process.stdin, flush=True)
        status, out, err = json.loads(self._process.stdout.readline())
        assert status == 0, err
        return json.loads(out or "null")

    def file(self, name: str, content: bytes) -> str:
        """The path of a file with some content."""
        path = self.directory / name
        path.write_bytes(content)
        return str(path)


@contextmanager
def _cli(directory: Path, variables: dict[str, str]) -> Iterator[Cli]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    with subprocess.Popen(
        [sys.executable, "-m", "tests.local.aws_commands"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
        env={**environment, **variables},
    ) as process:
        yield Cli(process, directory)


def test_what_the_aws_cli_made_works_after_a_kill(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with standalone.start(home) as server, _cli(tmp_path, server.variables) as aws:
        _make(aws)
        _use(aws, "first")
        _make_machine(aws, "EXPRESS")
        # The first execution of an EXPRESS machine waits for a snapshot, which has all that was made before.
        _run_express(aws)
        assert server.end(signal.SIGKILL) == -signal.SIGKILL
        with standalone.start(home) as again:
            assert again.variables == server.variables
            assert _message(aws) == "first"
            _use(aws, "second")
            _run_express(aws)
            assert again.end(signal.SIGTERM) == 0
            assert again.said().endswith("nrti_local: saving its state\nnrti_local: stopped\n")


def _make(aws: Cli) -> None:
    code = aws.file("code.zip", archive("def handler(event, context): return {'doubled': 2 * event['n']}"))
    function = {"function_name": "f", "runtime": "python3.12", "handler": "index.handler", "role": ROLE}
    aws("lambda", "create-function", zip_file=f"fileb://{code}", **function)
    key = {"AttributeName": "id", "AttributeType": "S"}
    schema = [{"AttributeName": "id", "KeyType": "HASH"}]
    table = {"attribute_definitions": [key], "key_schema": schema, "billing_mode": "PAY_PER_REQUEST"}
    aws("dynamodb", "create-table", table_name="things", **table)
    aws("sqs", "create-queue", queue_name="q")
    _make_endpoint(aws)
    _make_machine(aws, "STANDARD")


def _make_machine(aws: Cli, kind: str) -> None:
    task = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "OutputPath": "$.Payload"}
    double = {**task, "Parameters": {"FunctionName": "f", "Payload.$": "$"}, "End": True}
    definition = {"StartAt": "Double", "States": {"Double": double}}
    machine = {"definition": definition, "role_arn": ROLE, "type": kind}
    aws("stepfunctions", "create-state-machine", name=kind.lower(), **machine)


def _make_endpoint(aws: Cli) -> None:
    where = "LocationConstraint=eu-central-2"
    aws("s3api", "create-bucket", bucket="models", create_bucket_configuration=where)
    artifact = aws.file("model.tar.gz", tarball({"code/inference.py": SCRIPT}))
    aws("s3api", "put-object", bucket="models", key="model.tar.gz", body=artifact)
    environment = {"SAGEMAKER_PROGRAM": "inference.py", "SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/model/code"}
    container = {"Image": IMAGE, "ModelDataUrl": "s3://models/model.tar.gz", "Environment": environment}
    aws("sagemaker", "create-model", model_name="m", execution_role_arn=ROLE, primary_container=container)
    variant = {"VariantName": "AllTraffic", "ModelName": "m", "ServerlessConfig": SERVERLESS}
    aws("sagemaker", "create-endpoint-config", endpoint_config_name="c", production_variants=[variant])
    aws("sagemaker", "create-endpoint", endpoint_name="e", endpoint_config_name="c")


def _use(aws: Cli, text: str) -> None:
    answer = aws.directory / "answer"
    eventually(
        lambda: aws("sagemaker", "describe-endpoint", endpoint_name="e")["EndpointStatus"] == "InService"
    )
    aws("sagemaker-runtime", "invoke-endpoint", str(answer), endpoint_name="e", body=text)
    assert answer.read_text() == text
    aws("lambda", "invoke", str(answer), function_name="f", payload='{"n": 4}')
    assert json.loads(answer.read_text()) == {"doubled": 8}
    aws("dynamodb", "put-item", table_name="things", item={"id": {"S": text}})
    items = aws("dynamodb", "scan", table_name="things")["Items"]
    assert {"S": "first"} in [item["id"] for item in items]
    aws("sqs", "send-message", queue_url=_url(aws), message_body=text)
    standard = {"state_machine_arn": f"{MACHINE}standard", "input": '{"n": 21}'}
    execution = aws("stepfunctions", "start-execution", **standard)["executionArn"]
    eventually(lambda: _described(aws, execution)["status"] == "SUCCEEDED")
    assert json.loads(_described(aws, execution)["output"]) == {"doubled": 42}


def _run_express(aws: Cli) -> None:
    express = {"state_machine_arn": f"{MACHINE}express", "input": '{"n": 3}'}
    ran = aws("stepfunctions", "start-sync-execution", **express)
    assert json.loads(ran["output"]) == {"doubled": 6}


def _described(aws: Cli, execution: str) -> Any:
    return aws("stepfunctions", "describe-execution", execution_arn=execution)


def _url(aws: Cli) -> str:
    return str(aws("sqs", "get-queue-url", queue_name="q")["QueueUrl"])


def _message(aws: Cli) -> str:
    return str(aws("sqs", "receive-message", queue_url=_url(aws))["Messages"][0]["Body"])

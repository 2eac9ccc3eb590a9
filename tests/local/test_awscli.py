"""The `aws` command line, which knows nothing of nrti, finds and uses everything that nrti deployed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from nrti_cli.aws.target import Target
from nrti_cli.models.training.dataset import demo
from nrti_cli.models.training.job import source_archive
from nrti_cli.stack.outputs import outputs
from nrti_local.process import REGION
from tests.local.conftest import Nrti
from tests.local.sagemaker_support import IMAGE, ROLE, SERVERLESS, unique
from tests.waiting import eventually

Aws = Callable[..., Any]


@pytest.fixture(scope="module")
def aws(pipeline: Target, nrti: Nrti) -> Iterator[Aws]:  # noqa: ARG001 (the stack must be there)
    """Runs `aws`, pointed to the embedded AWS by what `nrti local env` prints, and returns its JSON."""
    shell = f'eval "$EXPORTS"; exec {sys.executable} -m tests.local.aws_commands'
    with subprocess.Popen(
        ["sh", "-c", shell],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
        env={**os.environ, "EXPORTS": nrti("local", "env").stdout},
    ) as process:

        def run(*arguments: str) -> Any:
            assert process.stdin
            assert process.stdout
            print(json.dumps([*arguments, "--output", "json"]), file=process.stdin, flush=True)
            status, out, err = json.loads(process.stdout.readline())
            assert status == 0, err
            return json.loads(out or "null")

        yield run


def test_a_shell_is_rid_of_what_was_exported(embedded: Target, nrti: Nrti) -> None:  # noqa: ARG001
    script = 'eval "$SET"; env | grep ^AWS_; echo; eval "$UNSET"; env | grep ^AWS_'
    done = subprocess.run(
        ["sh", "-c", script],
        env={
            "PATH": os.environ["PATH"],
            "SET": nrti("local", "env").stdout,
            "UNSET": nrti("local", "env", "--unset").stdout,
        },
        capture_output=True,
        text=True,
        check=False,
    )
    exported, left = done.stdout.split("\n\n")

    assert "AWS_ENDPOINT_URL=http://127.0.0.1:" in exported
    assert left == ""


def test_a_workflow_is_run_to_its_end(aws: Aws, pipeline: Target) -> None:
    """The SDK would ask `sync-127.0.0.1`, which is no address."""
    machine = outputs(pipeline).state_machine_arn
    given = '{"request_id": "r", "received_at": 1, "events": []}'
    asked = ("--state-machine-arn", machine, "--input", given)
    assert aws("stepfunctions", "start-sync-execution", *asked)["status"] == "SUCCEEDED"


def test_a_state_is_tested(aws: Aws) -> None:
    """The SDK would ask `sync-127.0.0.1` here, too."""
    state = ("--definition", '{"Type": "Pass", "End": true}', "--role-arn", ROLE, "--input", "{}")
    assert aws("stepfunctions", "test-state", *state)["status"] == "SUCCEEDED"


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
    rows, view = (
        aws("glue", "get-table", "--database-name", stack.database, "--name", name)["Table"]
        for name in ("predictions_raw", "predictions")
    )
    assert rows["Parameters"]["projection.enabled"] == "true"
    assert view["TableType"] == "VIRTUAL_VIEW"
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


def test_it_trains_deploys_invokes_and_deletes(aws: Aws, tmp_path: Path) -> None:
    """All of it by `aws` alone, nrti's scripts included; nothing of `nrti train` is involved."""
    name = unique("by-aws")
    where = f"LocationConstraint={REGION}"
    aws("s3api", "create-bucket", "--bucket", name, "--create-bucket-configuration", where)
    files = {"sourcedir.tar.gz": source_archive(), "train.parquet": demo(2000, 1).parquet()}
    for file, content in files.items():
        (tmp_path / file).write_bytes(content)
        aws("s3api", "put-object", "--bucket", name, "--key", file, "--body", str(tmp_path / file))

    trained = train(aws, name, f"s3://{name}")
    publish(aws, name, trained["ModelArtifacts"]["S3ModelArtifacts"])

    answer = tmp_path / "answer.json"
    request = ("--endpoint-name", name, "--content-type", "application/json")
    body = '{"instances": [[1, 99, 2], [5, 5, 5]]}'
    aws("sagemaker-runtime", "invoke-endpoint", *request, "--body", body, str(answer))
    assert [row["prediction"] for row in json.loads(answer.read_text())["predictions"]] == [1, 0]
    withdraw(aws, name)


def train(aws: Aws, name: str, place: str) -> Any:
    """Runs a training job and looks at it in every way that the command line has."""
    source = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": f"{place}/train.parquet"}}
    hyperparameters = {
        "sagemaker_program": "train.py",
        "sagemaker_submit_directory": f"{place}/sourcedir.tar.gz",
    }
    named = ("--training-job-name", name)
    aws(
        *("sagemaker", "create-training-job", *named, "--role-arn", ROLE),
        *("--algorithm-specification", f"TrainingImage={IMAGE},TrainingInputMode=File"),
        *("--input-data-config", json.dumps([{"ChannelName": "train", "DataSource": source}])),
        *("--output-data-config", f"S3OutputPath={place}/models"),
        *("--resource-config", "InstanceType=ml.m5.large,InstanceCount=1,VolumeSizeInGB=10"),
        *("--stopping-condition", "MaxRuntimeInSeconds=600"),
        *("--hyper-parameters", json.dumps(hyperparameters)),
    )
    eventually(
        lambda: aws("sagemaker", "describe-training-job", *named)["TrainingJobStatus"],
        lambda status: status != "InProgress",
    )
    # The waiter looks every two minutes, and this time only once.
    aws("sagemaker", "wait", "training-job-completed-or-stopped", *named)
    filters = ("--name-contains", name, "--status-equals", "Completed", "--sort-by", "CreationTime")
    (listed,) = aws("sagemaker", "list-training-jobs", *filters, "--page-size", "1")["TrainingJobSummaries"]
    assert listed["TrainingJobName"] == name
    assert any("validation_f1=" in line for line in log(aws, "/aws/sagemaker/TrainingJobs", name))
    return aws("sagemaker", "describe-training-job", *named)


def publish(aws: Aws, name: str, artifact: str) -> None:
    """Brings an artifact into service."""
    environment = {
        "SAGEMAKER_PROGRAM": "inference.py",
        "SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/model/code",
    }
    container = {"Image": IMAGE, "ModelDataUrl": artifact, "Environment": environment}
    variant = {"VariantName": "AllTraffic", "ModelName": name, "ServerlessConfig": SERVERLESS}
    model = ("--model-name", name, "--execution-role-arn", ROLE)
    aws("sagemaker", "create-model", *model, "--primary-container", json.dumps(container))
    config = ("--endpoint-config-name", name)
    aws("sagemaker", "create-endpoint-config", *config, "--production-variants", json.dumps([variant]))
    aws("sagemaker", "create-endpoint", "--endpoint-name", name, *config)
    named = ("--endpoint-name", name)
    eventually(
        lambda: aws("sagemaker", "describe-endpoint", *named)["EndpointStatus"],
        lambda status: status != "Creating",
    )
    aws("sagemaker", "wait", "endpoint-in-service", *named)
    filters = ("--name-contains", name, "--status-equals", "InService")
    assert [each["EndpointName"] for each in aws("sagemaker", "list-endpoints", *filters)["Endpoints"]] == [
        name
    ]


def withdraw(aws: Aws, name: str) -> None:
    """Deletes everything again."""
    aws("sagemaker", "delete-endpoint", "--endpoint-name", name)
    eventually(
        lambda: aws("sagemaker", "list-endpoints", "--name-contains", name)["Endpoints"],
        lambda endpoints: not endpoints,
    )
    aws("sagemaker", "wait", "endpoint-deleted", "--endpoint-name", name)
    aws("sagemaker", "delete-endpoint-config", "--endpoint-config-name", name)
    aws("sagemaker", "delete-model", "--model-name", name)
    assert not aws("sagemaker", "list-models", "--name-contains", name)["Models"]


def log(aws: Aws, group: str, prefix: str) -> list[str]:
    """The lines of the stream whose name begins so."""
    where = ("--log-group-name", group)
    (stream,) = aws("logs", "describe-log-streams", *where, "--log-stream-name-prefix", prefix)["logStreams"]
    request = (*where, "--log-stream-name", stream["logStreamName"], "--start-from-head")
    return [event["message"] for event in aws("logs", "get-log-events", *request)["events"]]

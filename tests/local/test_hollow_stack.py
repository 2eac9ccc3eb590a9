"""A stack whose resources are gone: a command says so in one line, and prints no result of nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest

from nrti_cli.aws.target import Target
from nrti_cli.stack.names import artifacts_bucket
from tests.local.conftest import Nrti
from tests.local.small_stack import make_bucket

_STACK = "hollow"
_COMMANDS = {
    "redrive": "",
    "redrive --dry-run": "bucket hollow-artifacts-",
    "redrive --dry-run --format json": "bucket hollow-artifacts-",
    "forget --sensor s --yes": "the lake's database does not exist: run nrti bootstrap",
    "connect": "the API gone with stage 'v1' does not exist: run nrti bootstrap",
    "connect --format env": "the API gone with stage 'v1' does not exist: run nrti bootstrap",
    "logs": "log groups /aws/vendedlogs/states/hollow-inference, /aws/lambda/hollow-inference, ",
    "logs workflow": "log group /aws/vendedlogs/states/hollow-inference does not exist: run nrti bootstrap",
    "logs api": "log group /aws/apigateway/hollow does not exist yet: nrti bootstrap --access-logs own",
    "verify --since 1h": "bucket hollow-artifacts-",
    "tail": "the table's stream does not exist",
    "tail --no-follow": "the table's stream does not exist",
    "alert list": "bucket hollow-artifacts-",
    "alert remove r": "bucket hollow-artifacts-",
    "alert test": "function 'hollow-alerts' does not exist: run nrti bootstrap",
    "query --format csv": "workgroup 'hollow' does not exist",
}


@pytest.fixture(scope="module")
def hollow(pipeline: Target) -> Iterator[None]:
    """A stack with the outputs of the pipeline and none of its resources."""
    cloudformation = pipeline.client("cloudformation")
    (stack,) = cloudformation.describe_stacks(StackName=pipeline.stack)["Stacks"]
    found = {
        each["OutputKey"]: {"Value": each["OutputValue"].replace(pipeline.stack, _STACK)}
        for each in stack["Outputs"]
    }
    found["ApiId"] = {"Value": "gone"}
    template = {"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}, "Outputs": found}
    cloudformation.create_stack(StackName=_STACK, TemplateBody=json.dumps(template))
    yield
    cloudformation.delete_stack(StackName=_STACK)


@pytest.mark.usefixtures("hollow")
@pytest.mark.parametrize("command", _COMMANDS)
def test_what_is_gone_is_all_that_is_said(nrti: Nrti, command: str) -> None:
    name, *options = command.split()
    statement = ["select 1"] if name == "query" else []

    done = nrti(name, *statement, *options, "--stack", _STACK)

    assert (done.returncode, done.stdout) == (1, "")
    target, error = done.stderr.splitlines()
    assert target.endswith("stack hollow")
    assert error.startswith(f"nrti: {_COMMANDS[command]}")


@pytest.mark.usefixtures("hollow")
@pytest.mark.parametrize("options", [(), ("--dry-run",), ("--dry-run", "--format", "json")])
def test_a_queue_that_is_gone_has_no_dead_letters_to_show(
    pipeline: Target, nrti: Nrti, options: tuple[str, ...]
) -> None:
    bucket = artifacts_bucket(replace(pipeline, stack=_STACK))
    make_bucket(pipeline, bucket)

    done = nrti("redrive", *options, "--stack", _STACK)
    pipeline.client("s3").delete_bucket(Bucket=bucket)

    assert (done.returncode, done.stdout) == (1, "")
    said = "nrti: the dead-letter queue does not exist: run nrti bootstrap"
    assert done.stderr.splitlines()[1:] == [said]


@pytest.mark.usefixtures("hollow")
def test_the_status_has_every_stage(nrti: Nrti) -> None:
    done = nrti("status", "--stack", _STACK, "--format", "json")
    stages = {stage["name"]: stage["state"] for stage in json.loads(done.stdout)["stages"]}

    assert done.returncode == 1
    gone = {"dead letters", "alerts", "table", "stream", "lake", "labels"}
    assert {stages[name] for name in gone} == {"failed"}

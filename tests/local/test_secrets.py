"""The key of the API admits every holder: nothing may print it or store it."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from nrti_cli.aws.apigateway import api_key
from nrti_cli.aws.target import Target
from nrti_cli.stack.outputs import outputs
from tests.local.conftest import Nrti
from tests.local.own import NRTI

COMMANDS = [
    "bootstrap",
    "status",
    "status --format json",
    "models",
    "connect",
    "connect --format json",
    "predict --model failure-v1 1,2,3",
    "doctor",
    "logs",
    "local status",
    "local env",
    "produce --rate 100 --count 5",
    "produce --rate 100 --count 5 --batch 5",
]


@pytest.fixture
def key(pipeline: Target) -> str:
    found = api_key(pipeline, outputs(pipeline).api_key_id)
    assert len(found) >= 20
    return found


@pytest.mark.usefixtures("model")
@pytest.mark.parametrize("command", COMMANDS)
def test_no_command_shows_it(command: str, key: str, nrti: Nrti) -> None:
    done = nrti(*command.split())

    assert done.stdout + done.stderr
    assert key not in done.stdout + done.stderr


@pytest.fixture
def producing(model: str, tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A producer at work: its first line says that it sends."""
    command = [NRTI, "produce", "--model", model, "--rate", "5", "--duration", "30s"]
    running = subprocess.Popen(command, stderr=subprocess.PIPE, cwd=tmp_path)
    assert running.stderr
    running.stderr.readline()
    yield running
    running.terminate()
    running.communicate()


@pytest.mark.usefixtures("producing")
def test_no_process_has_it_in_its_arguments(key: str) -> None:
    processes = subprocess.run(
        ["ps", "-Aww", "-o", "args"], capture_output=True, text=True, check=True
    ).stdout

    assert "produce --model" in processes
    assert key not in processes


@pytest.mark.usefixtures("model")
def test_a_refusal_does_not_show_it(key: str, pipeline: Target, nrti: Nrti) -> None:
    gateway, key_id = pipeline.client("apigateway"), outputs(pipeline).api_key_id
    (plan,) = gateway.get_usage_plans(keyId=key_id)["items"]
    gateway.delete_usage_plan_key(usagePlanId=plan["id"], keyId=key_id)
    try:
        done = nrti("produce", "--rate", "100", "--count", "2", "--retry-for", "1s")
    finally:
        gateway.create_usage_plan_key(usagePlanId=plan["id"], keyId=key_id, keyType="API_KEY")

    assert done.returncode != 0
    assert key not in done.stdout + done.stderr


def test_no_log_has_it(key: str, pipeline: Target, nrti_home: Path) -> None:
    written = [(nrti_home / "local" / "server.log").read_text(errors="replace")]
    logs = pipeline.client("logs")
    for group in logs.describe_log_groups()["logGroups"]:
        found = logs.filter_log_events(logGroupName=group["logGroupName"])["events"]
        written += [event["message"] for event in found]

    assert len(written) > 1
    assert key not in "\n".join(written)


def test_nothing_beside_the_embedded_aws_keeps_it(key: str, nrti_home: Path) -> None:
    own = [path for path in nrti_home.rglob("*") if path.is_file() and "local" not in path.parts]

    assert own
    assert not [path for path in own if key.encode() in path.read_bytes()]

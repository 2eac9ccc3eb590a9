"""The AWS SDK for JavaScript at work on the embedded AWS: HTTP/2 to Kinesis, and a workflow to its end."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from nrti_cli.aws.target import Target
from nrti_cli.stack.outputs import outputs
from tests.clients import node
from tests.clients.venv import address
from tests.local.sagemaker_support import unique

pytestmark = pytest.mark.clients


def run(target: Target, directory: Path, program: str, *arguments: str) -> Any:
    """What a program prints, with the embedded AWS as AWS."""
    node.require("@aws-sdk", "test-javascript")
    return json.loads(node.run(directory, program, *arguments, variables=address(target)))


def test_a_stream_is_written_and_read(embedded: Target, tmp_path: Path) -> None:
    assert run(embedded, tmp_path, "use_kinesis.mjs", unique("js")) == {
        "failed": 0,
        "records": 400,
        "whole": True,
    }


def test_a_workflow_is_run_to_its_end(pipeline: Target, tmp_path: Path) -> None:
    event = {"sensor": "js", "model": "none", "data": [1, 2, 3], "timestamp": 1795546718398, "event_id": "a"}
    asked = json.dumps({"events": [event]})
    reply = run(pipeline, tmp_path, "run_workflow.mjs", outputs(pipeline).state_machine_arn, asked)
    assert reply["status"] in {"SUCCEEDED", "FAILED"}

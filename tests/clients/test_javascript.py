"""The AWS SDK for JavaScript at work on the embedded AWS: HTTP/2 to Kinesis, and a workflow to its end."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from nrti_cli.aws.target import Target
from nrti_cli.stack.outputs import outputs
from tests.clients.venv import PROGRAMS, ROOT, address
from tests.local.sagemaker_support import unique

pytestmark = pytest.mark.clients

_PACKAGES = ROOT / ".venv-javascript" / "node_modules"


def run(target: Target, directory: Path, program: str, *arguments: str) -> Any:
    """What a program prints; it finds its packages beside it."""
    if not _PACKAGES.is_dir():
        pytest.skip("its packages are not there; `make test-javascript` installs them")
    (directory / "node_modules").symlink_to(_PACKAGES)
    shutil.copy(PROGRAMS / "javascript" / program, directory)
    done = subprocess.run(
        ["node", program, *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        cwd=directory,
        env={**os.environ, **address(target)},
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


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

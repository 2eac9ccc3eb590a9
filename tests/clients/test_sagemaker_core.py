"""sagemaker-core, the core of AWS's SageMaker SDK, trains and serves nrti's scripts on the embedded AWS."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from nrti_cli.aws.target import Target
from nrti_cli.models.training.dataset import demo
from nrti_cli.models.training.job import source_archive
from tests.clients.venv import PROGRAMS, Venv, address
from tests.local.sagemaker_support import IMAGE, ROLE, SageMaker, unique

pytestmark = pytest.mark.clients


def test_it_trains_serves_and_deletes(embedded: Target, clients: Venv, tmp_path: Path) -> None:
    sagemaker, name = SageMaker.of(embedded), unique("core")
    sagemaker.put("data/train.parquet", demo(2000, seed=1).parquet())
    wanted = {
        "name": name,
        "role": ROLE,
        "image": IMAGE,
        "code": sagemaker.put("sourcedir.tar.gz", source_archive()),
        "data": f"s3://{sagemaker.bucket}/data/",
        "output": f"s3://{sagemaker.bucket}/models",
        "body": '{"instances": [[1, 99, 2], [5, 5, 5], [1]]}',
    }

    program, file = PROGRAMS / "use_sagemaker_core.py", tmp_path / "reply.json"
    clients.succeed(program, json.dumps(wanted), file, variables=address(embedded))

    reply = json.loads(file.read_text())
    assert (reply["job"], reply["endpoint"], reply["listed"]) == ("Completed", "InService", True)
    assert reply["content_type"] == "application/json"
    first, second, third = reply["answer"]["predictions"]
    assert (first["prediction"], second["prediction"]) == (1, 0)
    assert "takes sequences of 3 values" in third["error"]
    assert not sagemaker.client.list_endpoints(NameContains=name)["Endpoints"]

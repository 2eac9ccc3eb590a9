"""A stack of an earlier version is brought up to date while events come in: every one of them arrives."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from nrti_cli.aws.addressing import remember
from nrti_cli.aws.cloudformation.change_sets import Definition
from nrti_cli.aws.s3.buckets import Buckets
from nrti_cli.aws.s3.objects import S3
from nrti_cli.aws.sagemaker.endpoints import SageMaker, Serverless
from nrti_cli.aws.sagemaker.training_jobs import TrainingJobs
from nrti_cli.aws.target import Target
from nrti_cli.models.endpoint import LENGTH_TAG
from nrti_cli.models.image import image_uri
from nrti_cli.models.naming import tags
from nrti_cli.stack.artifacts import ArtifactsBucket
from nrti_cli.stack.deploy import Deployment
from nrti_cli.stack.names import artifacts_bucket
from nrti_cli.stack.outputs import Outputs, outputs
from nrti_cli.stack.package import archive
from nrti_cli.stack.poll_interval import PollInterval
from nrti_cli.stack.template import compact, parse
from nrti_local import process
from tests.local.own import Own
from tests.waiting import eventually

#: Template, workflow and functions as they were at that commit, by their paths.
EARLIER: dict[str, str] = json.loads((Path(__file__).parent / "data" / "stack-d18f361.json").read_text())
TABLE = "nrti-predictions"


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Own]:
    own = Own(tmp_path / "home")
    own.home.mkdir()
    yield own
    process.destroy(own.layout)


def _deploy_earlier(target: Target, directory: Path) -> None:
    for name, text in EARLIER.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    s3, bucket = S3(target), artifacts_bucket(target)
    Buckets(target).create(bucket)
    remote = directory / "src/nrti_cli/remote"
    s3.put(bucket, "code/1.zip", archive(remote / "inference_function"))
    s3.put(bucket, "code/2.zip", archive(remote / "transform_function"))
    s3.put(bucket, "asl/1.json", EARLIER["asl/inference.asl.json"].encode())
    parameters = {
        "ArtifactsBucket": bucket,
        "InferenceCodeKey": "code/1.zip",
        "TransformCodeKey": "code/2.zip",
        "StateMachineKey": "asl/1.json",
        "BufferSeconds": "1",
    }
    template = compact(parse(EARLIER["cloudformation/pipeline.yaml"]))
    deployment = Deployment(target, PollInterval.of(target), ArtifactsBucket(target))
    list(deployment.execute(deployment.plan(Definition(template, parameters, {"nrti:stack": "nrti"}))))


def _publish_as_before(target: Target, stack: Outputs, job: str) -> None:
    """What the earlier version did after a training."""
    client, owner = SageMaker(target), tags("nrti", "failure-v1")
    artifact = TrainingJobs(target).job(job).artifact
    client.create_model(
        job,
        image=image_uri(target),
        artifact=artifact,
        role=stack.sagemaker_role_arn,
        environment={
            "SAGEMAKER_PROGRAM": "inference.py",
            "SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/model/code",
        },
        tags=owner,
    )
    about = owner | {LENGTH_TAG: "3"}
    client.create_endpoint_config(
        job, model=job, variant="AllTraffic", serverless=Serverless(1024, 5), tags=about
    )
    client.create_endpoint("nrti-failure-v1", job, owner)
    eventually(
        lambda: client.endpoint("nrti-failure-v1"), lambda found: found and found.status == "InService"
    )


def _described(own: Own) -> Any:
    return own.client("dynamodb").describe_table(TableName=TABLE)["Table"]


def _is_anything_stored(own: Own) -> bool:
    return bool(own.client("dynamodb").scan(TableName=TABLE, Limit=1)["Count"])


def test_an_update_in_place_loses_nothing(own: Own, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    process.start(own.layout)
    monkeypatch.setenv("NRTI_HOME", str(own.home))
    remember(own.target())
    _deploy_earlier(own.target(), tmp_path / "earlier")
    before, table = outputs(own.target()), _described(own)
    trained = own.nrti("train", "--name", "failure-v1", "--rows", "2000")
    assert "function is of an earlier version: nrti bootstrap updates it; it was deleted" in trained.stderr
    _publish_as_before(own.target(), before, re.findall(r"training job (\S+):", trained.stderr)[0])
    with ThreadPoolExecutor(1) as pool:
        ledger = str(tmp_path / "accepted.ledger")
        files = ("--ledger", ledger, "--unsent", str(tmp_path / "unsent.jsonl"))
        producing = pool.submit(own.nrti, "produce", "--rate", "20", "--duration", "10s", *files)
        eventually(lambda: _is_anything_stored(own))
        updated = own.nrti("bootstrap", "--verbose")
        assert not producing.done(), "the update has to happen while events come in"
        summary = producing.result().stderr
    assert updated.returncode == 0, updated.stderr
    assert "complete  DeadLettersAlarm" in updated.stderr
    sent, accepted = map(int, re.findall(r"(\d+) sent, (\d+) accepted", summary)[-1])
    assert sent == accepted, summary
    assert sent > 0
    verified = own.nrti("verify", "--ledger", ledger, "--wait", "60s", "--format", "json")
    assert verified.returncode == 0, verified.stdout + verified.stderr
    found = json.loads(verified.stdout)
    assert (found["accepted"], found["dead"]) == (accepted, 0), found
    kinds = {
        each["Name"]: each["TableType"]
        for each in own.client("glue").get_tables(DatabaseName="nrti")["TableList"]
    }
    assert kinds.items() >= {("predictions", "VIRTUAL_VIEW"), ("predictions_raw", "EXTERNAL_TABLE")}
    after = outputs(own.target())
    assert (after.api_id, after.api_key_id) == (before.api_id, before.api_key_id)
    assert _described(own)["CreationDateTime"] == table["CreationDateTime"]

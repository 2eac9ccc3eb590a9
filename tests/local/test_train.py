"""Training and publishing on the embedded AWS: rolled over without a gap, and back, refused in one line."""

from __future__ import annotations

import io
import json
import os
import re
import signal
import subprocess
import sys
import tarfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from nrti_cli.aws.s3 import S3
from nrti_cli.aws.sagemaker_jobs import TrainingJobs
from nrti_cli.aws.target import Target
from nrti_cli.models.endpoint import find
from tests.local.conftest import Nrti

ROWS = ("--rows", "3000")


@pytest.fixture(scope="module")
def jobs(pipeline: Target, nrti: Nrti) -> tuple[str, str]:  # noqa: ARG001 (the stack must be there)
    """Two training jobs of the model `rolled`, the first of which is published."""
    first = nrti("train", "--name", "rolled", *ROWS)
    second = nrti("train", "--name", "rolled", *ROWS, "--seed", "1", "--no-deploy")
    assert (first.returncode, second.returncode) == (0, 0), first.stderr + second.stderr
    names = [re.search(r"training job (\S+):", done.stderr) for done in (first, second)]
    assert names[0]
    assert names[1]
    return names[0].group(1), names[1].group(1)


@contextmanager
def constant_requests(target: Target, endpoint: str) -> Iterator[list[object]]:
    """Invokes an endpoint without pause; yields the answers, among them whatever was raised."""
    runtime = target.client("sagemaker-runtime", retries={"max_attempts": 1, "mode": "standard"})
    answers: list[object] = []
    over = threading.Event()

    def invoke() -> None:
        while not over.is_set():
            try:
                answer = runtime.invoke_endpoint(
                    EndpointName=endpoint, ContentType="application/json", Body=b'{"instances": [[1, 99, 2]]}'
                )
                answers.append(json.loads(answer["Body"].read())["predictions"][0]["prediction"])
            except Exception as error:  # noqa: BLE001 (the test looks at it)
                answers.append(error)

    thread = threading.Thread(target=invoke)
    thread.start()
    try:
        yield answers
    finally:
        over.set()
        thread.join()


def test_an_endpoint_is_rolled_forward_and_back_without_a_gap(
    pipeline: Target, nrti: Nrti, jobs: tuple[str, str]
) -> None:
    old, new = jobs
    with constant_requests(pipeline, "nrti-rolled") as answers:
        forward = nrti("deploy-model", "--name", "rolled")
        served = find(pipeline, "rolled").source
        back = nrti("deploy-model", "--name", "rolled", "--job", old)

    assert (forward.returncode, back.returncode) == (0, 0), forward.stderr + back.stderr
    assert (served, find(pipeline, "rolled").source) == (new, old)
    assert len(answers) > 10
    assert set(answers) == {1}


def test_the_same_artifact_is_not_published_again(nrti: Nrti, jobs: tuple[str, str]) -> None:
    first, again = (nrti("deploy-model", "--name", "again", "--job", jobs[0]) for _ in range(2))

    assert "serves" in first.stderr
    assert "nothing to do" in again.stderr


def test_the_published_models_are_listed(nrti: Nrti, jobs: tuple[str, str]) -> None:
    table, listing = nrti("models"), nrti("models", "--format", "json")

    (model,) = [model for model in json.loads(listing.stdout) if model["name"] == "rolled"]
    assert model["status"] == "InService"
    assert model["source"] in jobs
    assert model["length"] == 3
    assert set(model["metrics"]) == {"precision", "recall", "f1", "average_precision"}
    assert "rolled" in table.stdout


def test_an_artifact_whose_script_is_broken_does_not_replace_the_one_in_service(
    pipeline: Target, nrti: Nrti, jobs: tuple[str, str], tmp_path: Path
) -> None:
    artifact = S3(pipeline).get(TrainingJobs(pipeline).job(jobs[0]).artifact)
    (tmp_path / "model.tar.gz").write_bytes(with_script(artifact, b"raise RuntimeError('broken')\n"))
    before = find(pipeline, "rolled").source

    done = nrti("deploy-model", "--name", "rolled", "--artifact", str(tmp_path / "model.tar.gz"))

    assert done.returncode == 1
    assert "nrti: endpoint nrti-rolled" in done.stderr
    assert "Traceback" not in done.stderr
    assert find(pipeline, "rolled").source == before


def with_script(artifact: bytes, script: bytes) -> bytes:
    """An artifact with another inference script."""
    changed = io.BytesIO()
    with tarfile.open(fileobj=io.BytesIO(artifact)) as old, tarfile.open(fileobj=changed, mode="w:gz") as new:
        for item in old.getmembers():
            content = old.extractfile(item)
            body = script if item.name.endswith("inference.py") else content.read() if content else b""
            item.size = len(body)
            new.addfile(item, io.BytesIO(body))
    return changed.getvalue()


def test_an_interrupted_follower_leaves_the_job_at_work(pipeline: Target) -> None:
    process = subprocess.Popen(
        [str(Path(sys.executable).with_name("nrti")), "train", "--name", "left", *ROWS],
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
        env=os.environ,
    )
    assert process.stderr
    started = next(line for line in process.stderr if line.startswith("training job"))
    process.send_signal(signal.SIGINT)
    said = process.stderr.read()

    assert process.wait(timeout=30) == 130
    job = started.split()[2].rstrip(":")
    assert f"interrupted, but training job {job} goes on" in said
    assert TrainingJobs(pipeline).job(job).status in {"InProgress", "Completed"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("train", "--name", "a_b"), "cannot be a model's name"),
        (("train", "--name", "x", "--rows", "0"), "--rows"),
        (("train", "--name", "x", "--rows", "-3"), "--rows"),
        (("train", "--name", "x", "--data", "absent.csv"), "absent.csv cannot be read"),
        (("train", "--name", "x", "--data", "a.csv", "--rows", "9"), "--rows is about the demo"),
        (("train", "--name", "x", "--features", "a,b"), "--features is about a data file"),
        (("deploy-model", "--name", "x"), "no training job of model 'x' has completed"),
        (("deploy-model", "--name", "x", "--job", "absent"), "there is no training job 'absent'"),
        (("deploy-model", "--name", "x", "--artifact", "absent.tar.gz"), "absent.tar.gz cannot be read"),
        (("deploy-model", "--name", "x", "--artifact", "s3://absent/x"), "there is no object s3://absent/x"),
        (("deploy-model", "--name", "x", "--artifact", "a", "--job", "b"), "exclude each other"),
    ],
)
def test_wrong_input_is_one_line(
    pipeline: Target,  # noqa: ARG001 (the stack must be there)
    nrti: Nrti,
    arguments: tuple[str, ...],
    message: str,
) -> None:
    done = nrti(*arguments)

    assert done.returncode in {1, 2}
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("nrti: ")]
    assert message in line
    assert "Traceback" not in done.stderr

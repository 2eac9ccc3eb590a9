"""What the tests of training and publishing share: tampered artifacts, busy clients and hasty users."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from nrti_cli.aws.s3.objects import S3
from nrti_cli.aws.sagemaker.training_jobs import TrainingJobs
from nrti_cli.aws.target import Target
from tests.local.own import NRTI
from tests.repeated import Repeated

SCRIPT = "inference.py"
#: Between two requests of a client that finds each gap of an endpoint.
_PAUSE_SECONDS = 0.02


def artifact_uri(target: Target, job: str) -> str:
    """Where the model.tar.gz of a training job is."""
    return TrainingJobs(target).job(job).artifact


def artifact_of(target: Target, job: str) -> bytes:
    """The model.tar.gz of a training job."""
    return S3(target).get(artifact_uri(target, job))


def tampered(artifact: bytes, member: str, change: Callable[[bytes], bytes]) -> bytes:
    """An artifact of which the file that ends so is another."""
    changed = io.BytesIO()
    with tarfile.open(fileobj=io.BytesIO(artifact)) as old, tarfile.open(fileobj=changed, mode="w:gz") as new:
        for item in old.getmembers():
            content = old.extractfile(item)
            body = content.read() if content else b""
            body = change(body) if item.name.endswith(member) else body
            item.size = len(body)
            new.addfile(item, io.BytesIO(body))
    return changed.getvalue()


@contextmanager
def constant_requests(target: Target, endpoint: str) -> Iterator[list[object]]:
    """Invokes an endpoint all the time; yields the answers, among them whatever was raised."""
    runtime = target.client("sagemaker-runtime", retries={"max_attempts": 1, "mode": "standard"})
    answers: list[object] = []

    def invoke() -> None:
        try:
            answer = runtime.invoke_endpoint(
                EndpointName=endpoint, ContentType="application/json", Body=b'{"instances": [[1, 99, 2]]}'
            )
            answers.append(json.loads(answer["Body"].read())["predictions"][0]["prediction"])
        except Exception as error:  # noqa: BLE001 (the test looks at it)
            answers.append(error)

    with Repeated(invoke, _PAUSE_SECONDS):
        yield answers


def interrupted(ready: Callable[[subprocess.Popen[str]], object], *arguments: str) -> tuple[int, str]:
    """Runs the command line, with Ctrl-C when `ready` returns; gives its exit code and the rest of stderr."""
    process = subprocess.Popen(
        [NRTI, *arguments],
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
        env=os.environ,
    )
    ready(process)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=30)
    return process.returncode, said

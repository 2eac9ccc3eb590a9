"""The local SageMaker as a process: what it does when it is asked to end, is killed, and starts again."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from nrti_cli.aws.target import Target
from nrti_local.process import KEY, REGION
from tests.local.sagemaker_support import SageMaker, Transform
from tests.waiting import eventually

_PID = """
import os, subprocess, sys
def model_fn(model_dir):
    return None
def transform_fn(model, body, content_type, accept):
    return str(os.getpid()), "text/plain"
"""


_SLOW = """
import os, time
def model_fn(model_dir):
    print(os.getpid())
def transform_fn(model, body, content_type, accept):
    time.sleep(600)
"""


@dataclass
class Process:
    """A SageMaker process of the test's own, whose S3 and logs are the embedded AWS's."""

    gateway: str
    state: Path
    port: int
    running: subprocess.Popen[bytes] = field(init=False)

    def start(self) -> None:
        """Starts it and waits until it answers."""
        environment = {
            **os.environ,
            "AWS_ENDPOINT_URL": self.gateway,
            "NRTI_LOCAL_SAGEMAKER": f"http://127.0.0.1:{self.port}",
            "AWS_ACCESS_KEY_ID": KEY,
            "AWS_SECRET_ACCESS_KEY": KEY,
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "NRTI_LOCAL_STATE": str(self.state),
        }
        command = [sys.executable, "-m", "nrti_local.sagemaker"]
        self.running = subprocess.Popen(command, stdin=subprocess.PIPE, env=environment)
        eventually(self.healthy)

    def healthy(self) -> bool:
        """Whether it answers."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health") as answer:
                return bool(answer.status == 200)
        except OSError:
            return False


@pytest.fixture
def process(embedded: Target, tmp_path: Path) -> Iterator[Process]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    assert embedded.endpoint_url
    started = Process(embedded.endpoint_url, tmp_path, port)
    started.start()
    yield started
    if started.running.poll() is None:
        started.running.kill()
    started.running.wait()


@pytest.fixture
def sagemaker(embedded: Target, process: Process) -> SageMaker:
    own = Target(name="local", stack="nrti", endpoint_url=f"http://127.0.0.1:{process.port}")
    clients = SageMaker.of(embedded)
    return replace(clients, client=own.client("sagemaker"), runtime=own.client("sagemaker-runtime"))


def gone(pid: str) -> bool:
    """Whether a process has ended; a zombie has."""
    try:
        return ") Z " in Path("/proc", pid, "stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return True


def test_endpoints_come_back_after_a_graceful_end(process: Process, sagemaker: SageMaker) -> None:
    endpoint = sagemaker.endpoint(_PID)
    worker = sagemaker.invoke(endpoint)
    before = sagemaker.client.describe_endpoint(EndpointName=endpoint)
    process.running.terminate()
    assert process.running.wait(timeout=10) == 0
    assert gone(worker)
    process.start()
    assert sagemaker.invoke(endpoint) != worker
    after = sagemaker.client.describe_endpoint(EndpointName=endpoint)
    assert after["EndpointStatus"] == "InService"
    assert after["LastModifiedTime"] == before["LastModifiedTime"], "a restart is no change"


def test_nothing_outlives_a_killed_process(process: Process, sagemaker: SageMaker) -> None:
    worker = sagemaker.invoke(sagemaker.endpoint(_PID))
    job = sagemaker.job("import os, time\nprint(os.getpid(), flush=True)\ntime.sleep(600)")
    (training,) = eventually(lambda: sagemaker.lines("/aws/sagemaker/TrainingJobs", f"{job}/"))
    batch = Transform(sagemaker, sagemaker.config(_SLOW), {"a": b"1\n"})
    (scoring,) = eventually(lambda: [line for line in batch.lines() if line.isdecimal()])
    process.running.kill()
    process.running.wait()
    eventually(lambda: gone(worker) and gone(training) and gone(scoring))
    process.start()
    transformed = batch.described()
    assert transformed["TransformJobStatus"] == "Failed"
    assert transformed["FailureReason"].startswith("InternalServerError: ")
    ended = sagemaker.client.describe_training_job(TrainingJobName=job)
    assert (ended["TrainingJobStatus"], ended["SecondaryStatus"]) == ("Failed", "Failed")
    assert ended["FailureReason"].startswith("InternalServerError: ")
    assert not (process.state / "sagemaker" / "jobs").exists()
    assert not (process.state / "sagemaker" / "transforms").exists()


def test_it_ends_with_its_parent(process: Process) -> None:
    assert process.running.stdin
    process.running.stdin.close()
    assert process.running.wait(timeout=10) == 0


def test_a_corrupt_state_is_reported_in_one_line(process: Process) -> None:
    process.running.kill()
    process.running.wait()
    (process.state / "sagemaker" / "state.db").write_text(
        "no database at all, but long enough to be one" * 100
    )
    environment = {**os.environ, "NRTI_LOCAL_STATE": str(process.state), "AWS_REGION": REGION}
    command = [sys.executable, "-m", "nrti_local.sagemaker"]
    done = subprocess.run(
        command,
        stdin=subprocess.PIPE,
        env=environment,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "state.db cannot be read" in done.stderr


def test_extracted_models_go_with_their_endpoint(process: Process, sagemaker: SageMaker) -> None:
    endpoint = sagemaker.endpoint(_PID)
    models = process.state / "sagemaker" / "models"
    assert len(list(models.iterdir())) == 1
    sagemaker.client.delete_endpoint(EndpointName=endpoint)
    eventually(lambda: list(models.iterdir()), lambda left: not left)

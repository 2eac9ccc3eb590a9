"""Publications that go wrong or are interrupted on the embedded AWS, pruning, and jobs taken up again."""

from __future__ import annotations

import json
import re
from pathlib import Path
from subprocess import Popen

import pytest

from nrti_cli.aws.sagemaker.endpoints import SageMaker
from nrti_cli.aws.target import Target
from nrti_cli.models.endpoint import find
from tests.local.conftest import Nrti
from tests.local.publications import SCRIPT, artifact_of, constant_requests, interrupted, tampered
from tests.waiting import eventually

ENDPOINT = "nrti-tried"
DEPLOY = ("deploy-model", "--name", "tried")


@pytest.fixture(scope="module")
def job(pipeline: Target, nrti: Nrti) -> str:  # noqa: ARG001 (the stack must be there)
    """The training job that model `tried` is published from."""
    done = nrti("train", "--name", "tried", "--rows", "3000")
    assert done.returncode == 0, done.stderr
    named = re.search(r"training job (\S+):", done.stderr)
    assert named
    return named.group(1)


def names(target: Target) -> tuple[set[str], set[str]]:
    """Of the configurations and the SageMaker models of `tried`."""
    client = SageMaker(target)
    return set(client.endpoint_config_names(ENDPOINT)), set(client.model_names(ENDPOINT))


def without_handlers(_: bytes) -> bytes:
    """A script that loads, but cannot predict."""
    return b"def model_fn(model_dir):\n    return None\n"


def broken(_: bytes) -> bytes:
    """A script that does not load."""
    return b"raise RuntimeError('broken')\n"


def test_a_broken_script_is_never_asked(pipeline: Target, nrti: Nrti, job: str, tmp_path: Path) -> None:
    artifact = tmp_path / "model.tar.gz"
    artifact.write_bytes(tampered(artifact_of(pipeline, job), SCRIPT, broken))
    before = names(pipeline)

    with constant_requests(pipeline, ENDPOINT) as answers:
        done = nrti(*DEPLOY, "--artifact", str(artifact))

    assert done.returncode == 1
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("nrti: ")]
    assert re.search(
        rf"endpoint {ENDPOINT} does not serve .*ping health .*: RuntimeError: broken; it serves {job} as",
        line,
    )
    assert (find(pipeline, "tried").source, names(pipeline)) == (job, before)
    assert len(answers) > 10
    assert set(answers) == {1}


def test_a_script_that_fails_its_first_request_never_gets_to_the_endpoint(
    pipeline: Target, nrti: Nrti, job: str, tmp_path: Path
) -> None:
    artifact = tmp_path / "model.tar.gz"
    artifact.write_bytes(tampered(artifact_of(pipeline, job), SCRIPT, without_handlers))
    before = names(pipeline)

    with constant_requests(pipeline, ENDPOINT) as answers:
        done = nrti(*DEPLOY, "--artifact", str(artifact))

    assert done.returncode == 1
    assert "its model responds with status 500: AttributeError: 'NoneType' object has no" in done.stderr
    assert f"it serves {job} as before" in done.stderr
    assert (find(pipeline, "tried").source, names(pipeline)) == (job, before)
    assert set(answers) == {1}
    assert not list(SageMaker(pipeline).trials(ENDPOINT))


def test_a_first_publication_that_fails_leaves_nothing(
    pipeline: Target, nrti: Nrti, job: str, tmp_path: Path
) -> None:
    artifact = tmp_path / "model.tar.gz"
    artifact.write_bytes(tampered(artifact_of(pipeline, job), SCRIPT, without_handlers))

    done = nrti("deploy-model", "--name", "first", "--artifact", str(artifact))

    client = SageMaker(pipeline)
    assert "it was deleted, its configuration and model too" in done.stderr
    assert client.endpoint("nrti-first") is None
    assert [*client.endpoint_config_names("nrti-first"), *client.model_names("nrti-first")] == []


def test_an_artifact_of_another_scikit_learn_is_refused_before_anything_is_made(
    pipeline: Target, nrti: Nrti, job: str, tmp_path: Path
) -> None:
    def older(metadata: bytes) -> bytes:
        content = json.loads(metadata)
        content["versions"]["scikit-learn"] = "1.8.2"
        return json.dumps(content).encode()

    artifact = tmp_path / "model.tar.gz"
    artifact.write_bytes(tampered(artifact_of(pipeline, job), "metadata.json", older))
    before = names(pipeline)

    done = nrti(*DEPLOY, "--artifact", str(artifact))

    assert done.returncode == 1
    assert "was trained with scikit-learn 1.8.2 (nrti " in done.stderr
    assert names(pipeline) == before


def test_an_interrupted_publication_goes_on_and_is_taken_up_by_the_same_command(
    pipeline: Target, nrti: Nrti, job: str
) -> None:
    def updating(_: Popen[str]) -> object:
        return eventually(
            lambda: SageMaker(pipeline).endpoint(ENDPOINT),
            lambda endpoint: endpoint and endpoint.status == "Updating",
        )

    command = (*DEPLOY, "--job", job, "--memory", "3072", "--concurrency", "9")
    status, said = interrupted(updating, *command)

    assert status == 130
    assert (
        f"SageMaker continues to make endpoint {ENDPOINT} serve {job}: nrti deploy-model --name tried" in said
    )
    again = nrti(*DEPLOY, "--job", job)
    assert "nothing to do" in again.stderr, again.stderr


def test_the_last_publications_stay(pipeline: Target, nrti: Nrti, job: str) -> None:
    for memory in ("1024", "2048"):
        done = nrti(*DEPLOY, "--job", job, "--memory", memory, "--keep", "2")
        assert done.returncode == 0, done.stderr

    configs, models = names(pipeline)
    assert "older configurations with their models, kept 2" in done.stderr
    assert configs == models
    assert len(configs) == 2
    endpoint = SageMaker(pipeline).endpoint(ENDPOINT)
    assert endpoint
    assert endpoint.config == max(configs)
    config = SageMaker(pipeline).endpoint_config(endpoint.config)
    assert config
    assert config.serverless
    assert (config.serverless.memory, config.serverless.concurrency) == (2048, 9)


def test_an_interrupted_training_is_taken_up_again(pipeline: Target, nrti: Nrti) -> None:
    lines: list[str] = []

    def started(process: Popen[str]) -> object:
        assert process.stderr
        lines.append(next(line for line in process.stderr if line.startswith("training job")))
        return lines

    status, said = interrupted(started, "train", "--name", "left", "--rows", "60000")
    job = lines[0].split()[2].rstrip(":")

    assert status == 130
    assert f"interrupted, but training job {job} continues: nrti train --attach {job} follows it" in said
    attached = nrti("train", "--attach", job)
    assert attached.returncode == 0, attached.stderr
    assert "Evaluation on 12,000 held-out rows" in attached.stdout
    assert find(pipeline, "left").source == job
    finished = nrti("train", "--attach", job)
    assert "earlier lines are in CloudWatch" in finished.stderr
    assert "nothing to do: endpoint nrti-left already serves" in finished.stderr

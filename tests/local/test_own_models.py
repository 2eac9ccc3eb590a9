"""Models of other makes, each published by one command, and judged by rows of one's own before the switch."""

from __future__ import annotations

import shlex
from pathlib import Path

import joblib
import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from nrti_cli.aws.s3.objects import S3
from nrti_cli.aws.sagemaker.endpoints import SageMaker
from nrti_cli.stack.names import artifacts_bucket
from tests.documents import ROOT, commands, section
from tests.local.conftest import Nrti
from tests.local.deployed import Pipeline, event
from tests.local.sagemaker_support import SageMaker as Api
from tests.local.sagemaker_support import tarball

README = ROOT / "README.md"
X = np.random.default_rng(0).integers(0, 100, (300, 3)).astype(float)
#: The container's own functions read requests and write answers.
BARE = """
class Model:
    def predict(self, rows): return (rows[:, 1] > 80).astype(int)
def model_fn(directory): return Model()
"""
SCORES = """
import json
def model_fn(directory): return 50
def input_fn(body, content_type): return json.loads(body)["instances"]
def predict_fn(rows, model): return [row[1] / model for row in rows]
def output_fn(scores, accept):
    return json.dumps({"scores": [{"score": each} for each in scores]}), "application/json"
"""


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A classifier in a file, and rows to try models with: the first is a failure."""
    directory = tmp_path_factory.mktemp("models")
    joblib.dump(LogisticRegression().fit(X, X[:, 1] > 80), directory / "pump.joblib")
    (directory / "rows.csv").write_text("a,b,c\n1,99,2\n50,51,52\n")
    return directory


def packed(directory: Path, name: str, script: str) -> str:
    place = directory / f"{name}.tar.gz"
    place.write_bytes(tarball({"code/inference.py": script}))
    return str(place)


def stored(deployed: Pipeline, sensor: str, model: str) -> tuple[int, set[int]]:
    """The prediction of one failure alone, and those of 25 events that are none."""
    _, reply = deployed.post(event(sensor, 1, 99, 2, model=model), "/predictions")
    _, batch = deployed.post([event(sensor, 50, 51, 52, model=model)] * 25, "/predictions")
    return reply["prediction"], {each["prediction"] for each in batch}


def test_a_script_of_model_fn_alone_takes_events_by_any_publisher_and_is_adopted_when_asked(
    deployed: Pipeline, nrti: Nrti, files: Path, sensor: str
) -> None:
    api = Api.of(deployed.target)
    artifact = packed(files, "bare", BARE)
    config = api.config_of(api.put("bare/model.tar.gz", Path(artifact).read_bytes()))
    api.client.create_endpoint(EndpointName="nrti-foreign", EndpointConfigName=config)
    assert api.settled("nrti-foreign")["EndpointStatus"] == "InService"
    deploy = ("deploy-model", "--name", "foreign", "--artifact", artifact)

    assert stored(deployed, sensor, "foreign") == (1, {0})
    refused = nrti(*deploy)
    adopted = nrti(*deploy, "--adopt", "--sample", str(files / "rows.csv"))

    assert refused.returncode == 1
    assert (
        "nrti did not publish what endpoint nrti-foreign serves: pass --adopt to replace it" in refused.stderr
    )
    assert adopted.returncode == 0, adopted.stderr
    assert "signature: content template $records" in adopted.stderr
    assert stored(deployed, f"{sensor}-adopted", "foreign") == (1, {0})


def test_a_signature_is_declared_takes_effect_comes_back_and_goes(
    deployed: Pipeline, nrti: Nrti, files: Path, sensor: str
) -> None:
    artifact = packed(files, "scores", SCORES)
    deploy = (
        "deploy-model",
        "--name",
        "own-scores",
        "--artifact",
        artifact,
        "--sample",
        str(files / "rows.csv"),
    )

    refused = nrti(*deploy)
    done = nrti(*deploy, "--threshold", "1.2")
    found = stored(deployed, sensor, "own-scores")
    back = nrti(*deploy, "--memory", "1024")

    assert "a score without bounds needs a threshold: publish the model with --threshold" in refused.stderr
    assert (refused.returncode, done.returncode) == (1, 0), done.stderr
    assert found == (1, {0})
    assert "signature: threshold 1.2" in back.stderr
    keys = S3(deployed.target).keys
    bucket = artifacts_bucket(deployed.target)
    assert len(list(keys(bucket, "signatures/nrti-own-scores/"))) == 2
    assert nrti("models", "delete", "own-scores", "--yes").returncode == 0
    assert not list(keys(bucket, "signatures/nrti-own-scores/"))
    assert not list(SageMaker(deployed.target).model_names("nrti-own-scores"))


TRAINING = """
import argparse, glob, os
parser = argparse.ArgumentParser(); parser.add_argument("--max_depth", type=float)
cut = 20 * parser.parse_args().max_depth
import joblib, numpy
from sklearn.linear_model import LogisticRegression
(file,) = glob.glob(os.environ["SM_CHANNEL_TRAIN"] + "/*")
rows = numpy.genfromtxt(file, delimiter=";", skip_header=1)
model = LogisticRegression().fit(rows, rows[:, 1] > cut)
print(f"accuracy: {model.score(rows, rows[:, 1] > cut):.3f}")
joblib.dump(model, os.environ["SM_MODEL_DIR"] + "/mine.joblib")
"""


def readme_commands() -> list[list[str]]:
    (block,) = section(README, "Your own model")
    return [shlex.split(line)[1:] for line in commands(block.text)]


def test_the_blocks_of_the_readme(deployed: Pipeline, nrti: Nrti, files: Path, sensor: str) -> None:
    (files / "src").mkdir()
    (files / "src" / "train.py").write_text(TRAINING)
    (files / "history.csv").write_text("\n".join(["a;b;c", *(";".join(map(str, row)) for row in X.tolist())]))

    deploy, predict, train = readme_commands()
    done = [nrti(*command, cwd=files) for command in (deploy, predict, train)]

    assert [each.returncode for each in done] == [0, 0, 0], "".join(each.stderr for each in done)
    assert "tested, read as nrti: 1 (" in done[0].stderr
    assert 'response: {"predictions": [{"prediction": 1, "probability": ' in done[0].stderr
    assert done[1].stdout.startswith("prediction ")
    assert stored(deployed, sensor, "pump-v7") == (1, {0})
    assert stored(deployed, f"{sensor}-own", "pump-v8") == (1, {0})


def test_a_metric_of_ones_own_is_shown_and_a_failure_has_its_reason(nrti: Nrti, files: Path) -> None:
    data = ("--data", str(files / "history.csv"), "--metric", "accuracy=accuracy: ([0-9.]+)")
    train = ("train", "--name", "pump-v8", "--script", str(files / "src" / "train.py"), *data)

    failed = nrti(*train, "-H", "max_depth=x")
    done = nrti(*train, "-H", "max_depth=3", "--no-deploy")

    assert failed.returncode == 1
    assert "argument --max_depth: invalid float value" in failed.stderr
    assert done.stdout.startswith("accuracy ")
    assert "publish it with:\n  nrti deploy-model --name pump-v8 --job " in done.stderr

"""The SageMaker SDK, versions 2 and 3, at work on the embedded AWS, as data scientists use it."""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path
from typing import Any

import pytest

from nrti_cli.aws.target import Target
from tests.clients.venv import PROGRAMS, Venv, address
from tests.local.sagemaker_support import SageMaker, unique
from tests.local.test_sagemaker_training import wheel_of

pytestmark = pytest.mark.clients

#: A version of the image that SDK 2 knows; which one is named does not matter to the embedded AWS.
IMAGE = "492215442770.dkr.ecr.eu-central-1.amazonaws.com/sagemaker-scikit-learn:1.4-2-cpu-py3"
TRAIN = """
import argparse, joblib, os, pathlib
import numpy as np
from sklearn.linear_model import LogisticRegression
def model_fn(directory):
    return joblib.load(os.path.join(directory, "model.joblib"))
if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--strength", type=float)
    arguments = parser.parse_args()
    rows = np.loadtxt(pathlib.Path(os.environ["SM_CHANNEL_TRAIN"], "rows.csv"), delimiter=",")
    model = LogisticRegression(C=arguments.strength).fit(rows[:, 1:], rows[:, 0])
    print(f"accuracy={model.score(rows[:, 1:], rows[:, 0]):.3f};")
    joblib.dump(model, os.path.join(os.environ["SM_MODEL_DIR"], "model.joblib"))
"""
ROWS = b"0,1,2\n0,2,1\n1,9,9\n1,8,9\n"


@pytest.fixture(scope="module")
def sagemaker(embedded: Target) -> SageMaker:
    return SageMaker.of(embedded)


def role(target: Target) -> str:
    """The ARN of a role that may do everything: version 3 simulates what it will need."""
    iam: Any = target.client("iam")
    name = unique("scientist")
    trusted = {
        "Effect": "Allow",
        "Principal": {"Service": "sagemaker.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
    allowed = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    documents = [json.dumps({"Version": "2012-10-17", "Statement": [each]}) for each in (trusted, allowed)]
    made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=documents[0])
    iam.put_role_policy(RoleName=name, PolicyName="all", PolicyDocument=documents[1])
    return str(made["Role"]["Arn"])


def reply(
    program: str, group: str, sagemaker: SageMaker, target: Target, directory: Path, **files: bytes
) -> Any:
    """What a program says about what it did with the script and the rows."""
    venv, script = Venv.of(group), directory / "script"
    script.mkdir()
    (script / "train.py").write_text(TRAIN)
    for name, content in files.items():
        (script / name).write_bytes(content)
    sagemaker.put("data/rows.csv", ROWS)
    (directory / "config.yaml").write_text(
        "SchemaVersion: '1.0'\nSageMaker:\n  PythonSDK:\n    Modules:\n      TelemetryOptOut: true\n"
    )
    wanted = {
        "role": role(target),
        "image": IMAGE,
        "bucket": sagemaker.bucket,
        "data": f"s3://{sagemaker.bucket}/data/",
        "script": str(script),
    }
    file, config = directory / "reply.json", str(directory / "config.yaml")
    variables = {**address(target), "SAGEMAKER_USER_CONFIG_OVERRIDE": config}
    done = venv.run(PROGRAMS / program, json.dumps(wanted), file, variables=variables, timeout=300)
    assert done.returncode == 0, done.stderr
    return json.loads(file.read_text())


def test_version_2_trains_serves_and_scores(sagemaker: SageMaker, embedded: Target, tmp_path: Path) -> None:
    done = reply("use_sagemaker_v2.py", "sagemaker2", sagemaker, embedded, tmp_path)

    assert done == {
        "metrics": [1.0],
        "attached": True,
        "predicted": [1.0, 0.0],
        "scored": "7,0.0\n8,1.0\n",
        "listed": True,
    }
    assert not sagemaker.client.list_endpoints()["Endpoints"]
    assert not sagemaker.client.list_models()["Models"]


def test_version_3_trains_with_its_own_drivers_and_serves(
    sagemaker: SageMaker, embedded: Target, tmp_path: Path
) -> None:
    wheel = "tiny-1.0-py3-none-any.whl"
    files = {
        "train.py": f"import tiny\n{TRAIN}".encode(),
        "requirements.txt": f"./{wheel}\n".encode(),
        wheel: wheel_of("tiny", "WORD = 1"),
    }
    done = reply("use_sagemaker_v3.py", "sagemaker3", sagemaker, embedded, tmp_path, **files)

    assert (done["status"], done["metrics"]) == ("Completed", {"accuracy": 1.0})
    assert "returned non-zero exit status 2" in done["reason"]
    assert done["predicted"] == [1.0, 0.0]
    with tarfile.open(fileobj=io.BytesIO(sagemaker.get(done["artifact"]))) as artifact:
        assert artifact.getnames() == ["model.joblib"]

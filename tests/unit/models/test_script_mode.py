"""Training scripts of the user's."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from botocore.stub import ANY

from nrti_cli.aws.target import Target
from nrti_cli.errors import NrtiError, UsageError
from nrti_cli.models.packing import unpacked
from nrti_cli.models.training.script_mode import code, start
from tests.unit.conftest import Stub
from tests.unit.models.conftest import ROLE
from tests.unit.models.test_training import ARN, BUCKET


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    (tmp_path / "src" / "parts").mkdir(parents=True)
    (tmp_path / "src" / "train.py").write_text("import parts.one")
    (tmp_path / "src" / "parts" / "one.py").write_text("")
    (tmp_path / "src" / "__pycache__").mkdir()
    (tmp_path / "src" / "__pycache__" / "train.pyc").write_text("")
    return tmp_path / "src"


def test_a_directory_goes_with_all_but_what_python_leaves(directory: Path) -> None:
    given = code("train.py", str(directory), ["max_depth=4", "kind=deep"], ["f1=f1: ([0-9.]+)"])

    assert unpacked(given.archive, "x").keys() == {"train.py", "parts/one.py"}
    assert (given.program, given.hyperparameters) == ("train.py", {"max_depth": 4, "kind": "deep"})
    assert given.metrics == {"f1": "f1: ([0-9.]+)"}


def test_the_script_may_be_named_with_its_way(directory: Path) -> None:
    assert code(str(directory / "parts" / "one.py"), str(directory), [], []).program == "parts/one.py"
    alone = code(str(directory / "train.py"), None, [], [])
    assert (alone.program, list(unpacked(alone.archive, "x"))) == ("train.py", ["train.py"])


@pytest.mark.parametrize(
    ("script", "hyperparameters", "metrics", "message"),
    [
        ("other.py", [], [], "has no other.py"),
        ("train.py", ["max_depth"], [], "--hyperparameter 'max_depth' is not name=value"),
        ("train.py", [], ["f1=("], "is not a regular expression"),
        ("train.py", [], ["f1=f1"], "has no group for the number"),
    ],
)
def test_what_cannot_be_right_is_refused(
    directory: Path, script: str, hyperparameters: list[str], metrics: list[str], message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        code(script, str(directory), hyperparameters, metrics)


def test_data_in_the_directory_of_the_script_is_refused(directory: Path) -> None:
    with (directory / "data.bin").open("wb") as file:
        file.truncate(60 << 20)

    with pytest.raises(NrtiError, match="has 60 MB; the limit for code is 50: move data out of it"):
        code("train.py", str(directory), [], [])


def test_the_data_goes_as_it_is_under_its_name(target: Target, stub: Stub, directory: Path) -> None:
    (directory.parent / "rows of mine.csv").write_bytes(b"a;b\n1;2\n")
    requests: list[Any] = []
    target.client("sagemaker").meta.events.register(
        "provide-client-params.sagemaker.CreateTrainingJob", lambda params, **_: requests.append(params)
    )
    stub("s3").add_response("put_object", {}, {"Bucket": BUCKET, "Key": ANY, "Body": b"a;b\n1;2\n"})
    stub("s3").add_response("head_object", {})
    stub("sagemaker").add_response("create_training_job", {"TrainingJobArn": ARN})
    given = code("train.py", str(directory), ["max_depth=4"], ["f1=f1: ([0-9.]+)"])

    job = start(target, ROLE, "m", given, str(directory.parent / "rows of mine.csv"), instance="ml.m5.large")

    (request,) = requests
    (channel,) = request["InputDataConfig"]
    assert channel["ChannelName"] == "train"
    assert channel["DataSource"]["S3DataSource"]["S3Uri"] == f"s3://{BUCKET}/data/{job}/rows_of_mine.csv"
    assert request["AlgorithmSpecification"]["MetricDefinitions"] == [
        {"Name": "f1", "Regex": "f1: ([0-9.]+)"}
    ]
    assert {name: json.loads(value) for name, value in request["HyperParameters"].items()} == {
        "sagemaker_program": "train.py",
        "sagemaker_submit_directory": ANY,
        "max_depth": 4,
    }

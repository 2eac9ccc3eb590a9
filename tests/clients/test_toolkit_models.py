"""A model of each kind, published by one command, and the same artifact under AWS's toolkit, side by side."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from nrti_cli.aws.sagemaker.endpoints import SageMaker as Published
from nrti_cli.aws.target import Target
from nrti_local.sagemaker.artifacts import extract
from tests.clients.test_toolkit_serving import JSON, Serving
from tests.clients.venv import PROGRAMS, Venv
from tests.local.conftest import Nrti
from tests.local.sagemaker_support import SageMaker

pytestmark = pytest.mark.clients

ROWS = b'{"instances": [[1, 99, 2], [50, 51, 52], [1, 2]]}'
KINDS = ("joblib", "onnx", "json", "ubj", "skops")
#: A forest's trees are no type that skops loads unasked.
TRUST = {"skops": ("--trust", "sklearn.tree._tree.Tree")}
OWN = """
import narwhals
def model_fn(directory): return narwhals.__version__
def input_fn(body, content_type): return body.count("[") - 1
def predict_fn(count, model): return [0.5] * count
def output_fn(answer, accept): return str(answer), "application/json"
"""


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of each kind in a file, and rows to try them with."""
    directory = tmp_path_factory.mktemp("models")
    Venv.of("models").succeed(PROGRAMS / "make_models.py", directory, variables={})
    (directory / "rows.csv").write_text("a,b,c\n1,99,2\n50,51,52\n")
    (directory / "inference.py").write_text(OWN)
    (directory / "requirements.txt").write_text("narwhals==2.24.0\n")
    return directory


@pytest.fixture(scope="session")
def sagemaker(pipeline: Target) -> SageMaker:
    return SageMaker.of(pipeline)


def artifact_of(target: Target, sagemaker: SageMaker, endpoint: str, root: Path) -> None:
    """Extracts what an endpoint serves as a container has it, in a directory that stands for /opt/ml."""
    client = Published(target)
    found = client.endpoint(endpoint)
    config = client.endpoint_config(found.config) if found else None
    assert config
    archive = root / "model.tar.gz"
    archive.write_bytes(sagemaker.get(client.served(config.model)[1]))
    extract(archive, root / "model")


def installed(toolkit: Venv, root: Path) -> dict[str, str]:
    """What the container installs when it starts, as it does: `pip install -r requirements.txt`."""
    requirements = root / "model" / "code" / "requirements.txt"
    if not requirements.is_file():
        return {}
    packages = root / "packages"
    done = toolkit.run(
        *("-m", "pip", "install", "--quiet", "--target", packages, "-r", requirements),
        variables={},
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    return {"PYTHONPATH": str(packages)}


def predictions(body: bytes) -> list[dict[str, Any]]:
    return list(json.loads(body)["predictions"])


@pytest.mark.parametrize("kind", KINDS)
def test_a_model_in_a_file_answers_the_same(
    pipeline: Target, nrti: Nrti, toolkit: Venv, sagemaker: SageMaker, models: Path, tmp_path: Path, kind: str
) -> None:
    deploy = ("deploy-model", "--name", f"kind-{kind}", "--sample", str(models / "rows.csv"))
    done = nrti(*deploy, "--model-file", str(models / f"model.{kind}"), *TRUST.get(kind, ()))
    assert done.returncode == 0, done.stderr
    assert "tested, read as nrti: 1 (" in done.stderr

    artifact_of(pipeline, sagemaker, f"nrti-kind-{kind}", tmp_path)
    serving = Serving(sagemaker, f"nrti-kind-{kind}", toolkit, tmp_path, installed(toolkit, tmp_path))
    ((status, _, theirs),) = serving.theirs([(ROWS, JSON, JSON)])
    ours = predictions(serving.ours(ROWS, JSON, JSON)[2])

    assert status == 200
    assert [each.get("prediction") for each in ours] == [1, 0, None]
    for one, other in zip(ours, predictions(theirs), strict=True):
        assert (
            one == {**other, "probability": pytest.approx(other["probability"])}
            if "probability" in other
            else other
        )


def test_a_script_with_requirements_has_them_in_both(
    pipeline: Target, nrti: Nrti, toolkit: Venv, sagemaker: SageMaker, models: Path, tmp_path: Path
) -> None:
    done = nrti(
        *("deploy-model", "--name", "needs", "--model-file", str(models / "model.joblib")),
        *("--script", str(models / "inference.py"), "--requirements", str(models / "requirements.txt")),
        *("--sample", str(models / "rows.csv")),
    )
    assert done.returncode == 0, done.stderr

    artifact_of(pipeline, sagemaker, "nrti-needs", tmp_path)
    serving = Serving(sagemaker, "nrti-needs", toolkit, tmp_path, installed(toolkit, tmp_path))

    assert serving.ours(ROWS, JSON, JSON) == serving.theirs([(ROWS, JSON, JSON)])[0]


@pytest.mark.parametrize(
    ("options", "cause"),
    [
        (("--model-file", "untrusted.skops"), "types that are not trusted: sklearn.ensemble._hist_gradient"),
        (
            ("--model-file", "model.joblib", "--requirements", "none.txt"),
            "No matching distribution found for no-such",
        ),
    ],
)
def test_what_does_not_come_up_says_why_and_leaves_nothing(
    pipeline: Target, nrti: Nrti, models: Path, options: tuple[str, ...], cause: str
) -> None:
    (models / "none.txt").write_text("no-such-package-as-this==1.0\n")
    given = [str(models / each) if "." in each else each for each in options]

    done = nrti("deploy-model", "--name", "broken", *given)

    assert done.returncode == 1
    assert cause in done.stderr
    assert Published(pipeline).endpoint("nrti-broken") is None

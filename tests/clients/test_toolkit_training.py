"""The same training jobs and failures under AWS's toolkit and under the local SageMaker, side by side."""

from __future__ import annotations

import io
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from nrti_cli.aws.target import Target
from nrti_cli.models.training.dataset import demo
from nrti_local.process import REGION
from nrti_local.sagemaker.clients import Clients
from nrti_local.sagemaker.training.workspace import Workspace
from tests.clients.jobs import channel_of, extracted, own_job
from tests.clients.venv import PROGRAMS, Venv, address
from tests.local.sagemaker_support import SageMaker, tarball

pytestmark = pytest.mark.clients

#: What a script is given; the directories that differ are called BASE.
REPORT = """
import json, os, pathlib, sys
base = os.environ["SAGEMAKER_BASE_DIR"]
variables = {name: value for name, value in os.environ.items() if name.startswith("SM_")}
reply = {"argv": sys.argv[1:], "cwd": os.getcwd(), "sm": variables}
text = json.dumps(reply).replace(base, "BASE")
pathlib.Path(os.environ["SM_MODEL_DIR"], "report.json").write_text(text)
pathlib.Path(os.environ["SM_OUTPUT_DATA_DIR"], "extra.txt").write_text("more")
"""
OWN_WORDS = """
import os, pathlib
pathlib.Path(os.environ["SM_OUTPUT_DIR"], "failure").write_text("x" * 5000)
raise SystemExit(7)
"""
HYPERPARAMETERS = {
    "rate": "0.1",
    "n": "5",
    "words": '"two words"',
    "flag": "true",
    "nothing": "null",
    "plain": "text",
    "list": "[1, 2]",
    "map": '{"a": 1, "b": "c"}',
}


def parquet(**columns: list[float]) -> bytes:
    """A parquet file."""
    stream = io.BytesIO()
    pq.write_table(pa.table(columns), stream)
    return stream.getvalue()


@pytest.fixture(scope="module")
def sagemaker(embedded: Target) -> SageMaker:
    return SageMaker.of(embedded)


@dataclass(frozen=True)
class Twin:
    """A training job of the local SageMaker, and the same job under AWS's toolkit.

    Attributes:
        job: its description.
        root: stands for `/opt/ml` of the toolkit's run.
        status: the toolkit's exit status, which is the container's.
    """

    job: Any
    root: Path
    status: int

    @property
    def reason(self) -> str:
        """What SageMaker makes of the toolkit's failure."""
        text = (self.root / "output" / "failure").read_text()[:1024]
        return f"AlgorithmError: {text}, exit code: {self.status}"


@pytest.fixture
def twin(
    sagemaker: SageMaker, embedded: Target, toolkit: Venv, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Any:
    """Runs a job on both sides: the toolkit gets the tree that the local SageMaker makes for itself."""

    def run(script: str, hyperparameters: dict[str, str] | None = None, **request: Any) -> Twin:
        variables = address(embedded)
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        job: Any = sagemaker.ended(sagemaker.job(script, hyperparameters, **request))
        workspace = Workspace(tmp_path / "ml", Clients("000000000000", REGION))
        workspace.fill(job)
        own = {
            "SAGEMAKER_BASE_DIR": str(workspace.root),
            "TRAINING_JOB_NAME": job["TrainingJobName"],
            "TRAINING_JOB_ARN": job["TrainingJobArn"],
            **job.get("Environment", {}),
        }
        done = toolkit.run(PROGRAMS / "train_by_toolkit.py", variables={**variables, **own}, timeout=100)
        return Twin(job, workspace.root, done.returncode)

    return run


#: Members of SM_TRAINING_ENV in which the toolkit describes parts of itself.
INTERNAL = {"is_modelparallel_enabled", "is_smddpmprun_installed", "is_smddprun_installed", "topology"}


def reply(report: Path) -> Any:
    """What a script was given; values that the toolkit gives as JSON are parsed."""
    content = json.loads(report.read_text())
    nested = json.loads(content["sm"]["SM_TRAINING_ENV"])
    kept = {name: value for name, value in nested.items() if name not in INTERNAL}
    content["sm"]["SM_TRAINING_ENV"] = json.dumps(kept, sort_keys=True)
    content["sm"].pop("SM_STUDIO_LOCAL_MODE", None)
    return content


def test_a_script_gets_the_same_environment(twin: Any, sagemaker: SageMaker, tmp_path: Path) -> None:
    channel = channel_of(sagemaker, "rows.csv", b"1,2\n")

    both = twin(REPORT, HYPERPARAMETERS, InputDataConfig=[channel], Environment={"MINE": "yes"})

    assert (both.job["TrainingJobStatus"], both.status) == ("Completed", 0), both.job
    theirs = reply(both.root / "model" / "report.json")
    ours = reply(extracted(sagemaker, both.job, tmp_path / "ours") / "report.json")
    assert ours.pop("sm").items() ^ theirs.pop("sm").items() == set()
    assert ours == theirs


def test_the_model_is_the_same(twin: Any, sagemaker: SageMaker, tmp_path: Path) -> None:
    both = twin("", **own_job(sagemaker, demo(3000, seed=4).parquet()))

    assert (both.job["TrainingJobStatus"], both.status) == ("Completed", 0), both.job
    ours, theirs = extracted(sagemaker, both.job, tmp_path / "ours"), both.root / "model"
    assert files(ours) == files(theirs)
    assert (ours / "code/inference.py").read_bytes() == (theirs / "code/inference.py").read_bytes()
    first, second = (json.loads((model / "metadata.json").read_text()) for model in (ours, theirs))
    for metadata in (first, second):
        del metadata["versions"]  # of two environments
    assert first == second
    estimators = [joblib.load(model / "model.joblib") for model in (ours, theirs)]
    rows = np.random.default_rng(0).uniform(-100, 100, (1000, estimators[0].n_features_in_))
    assert np.array_equal(*(estimator.predict_proba(rows) for estimator in estimators))


def files(directory: Path) -> set[str]:
    """The files below a directory."""
    return {str(path.relative_to(directory)) for path in directory.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    "script", ["raise ValueError('no such thing')", "import sys; sys.exit(7)", OWN_WORDS]
)
def test_a_failure_is_the_same(script: str, twin: Any) -> None:
    both = twin(script, {"rate": "0.1", "words": "two words"})

    assert both.job["TrainingJobStatus"] == "Failed"
    assert essence(both.job["FailureReason"]) == essence(both.reason)


@pytest.mark.parametrize("data", [b"no parquet", parquet(a=[1.0, 2.0], event=[0, 1]), parquet(event=[0, 1])])
def test_bad_data_fails_the_same(data: bytes, twin: Any, sagemaker: SageMaker) -> None:
    both = twin("", **own_job(sagemaker, data))

    assert essence(both.job["FailureReason"]) == essence(both.reason)
    assert "ExecuteUserScriptError" not in both.reason  # it is what train.py says


def test_a_failed_installation_is_the_same(twin: Any, sagemaker: SageMaker) -> None:
    files = {"train.py": "", "requirements.txt": "there-is-no-such-package-as-this==1.0\n"}
    code = sagemaker.put("broken.tar.gz", tarball(files))

    both = twin("", {"sagemaker_submit_directory": code}, Environment={"PIP_NO_INDEX": "1"})

    assert essence(both.job["FailureReason"]) == essence(both.reason)


def essence(reason: str) -> str:
    """A FailureReason without the places, and without the error's last line, which only ours has."""
    reason = re.sub(r"/\S+(?=/input/data/)", "BASE", reason)
    reason = re.sub(r'ErrorMessage ".*"\n', 'ErrorMessage ""\n', reason, flags=re.DOTALL)
    return re.sub(r'Command "\S+ (-- )?', 'Command "python ', reason)

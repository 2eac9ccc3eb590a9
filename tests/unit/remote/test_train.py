"""The training script, run the way SageMaker runs it: as a process, by its environment."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from numpy.typing import NDArray

from nrti_cli.assets import REMOTE
from nrti_cli.models.training.dataset import Dataset, demo
from nrti_cli.remote.sagemaker import inference
from tests.datasets import machine_temperature
from tests.training import SCRIPT, prepare, run_here

Run = tuple[subprocess.CompletedProcess[str], Path]


def run(base: Path, channel: bytes | None, *options: str) -> Run:
    """Trains on the content of a parquet file, in `base`."""
    environment = {**os.environ, **prepare(base, channel)}
    command = [sys.executable, str(SCRIPT), *options]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False), base


def parquet(columns: dict[str, Any]) -> bytes:
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table(columns), sink)
    return sink.getvalue().to_pybytes()


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The demo's model."""
    base = tmp_path_factory.mktemp("demo")
    finished = run(base, demo(50_000, seed=1).parquet(), "--seed", "1", "--nrti", "9.9.9")
    assert finished[0].returncode == 0, finished[0].stderr
    return finished


def predicted(base: Path, values: NDArray[np.float64]) -> NDArray[np.bool_]:
    model = inference.model_fn(str(base / "model"))
    return np.asarray(model.score(inference.features(values)) >= model.threshold)


def f1(labels: NDArray[np.int8], found: NDArray[np.bool_]) -> float:
    from sklearn.metrics import f1_score  # takes a second to load, which not every test process needs

    return float(f1_score(labels, found))


def test_the_demo_is_learned(trained: Run) -> None:
    fresh = demo(200_000, seed=2)

    assert f1(fresh.labels, predicted(trained[1], fresh.values)) >= 0.99


def test_the_metadata_describe_the_model(trained: Run) -> None:
    metadata = json.loads((trained[1] / "model" / "metadata.json").read_text())

    assert metadata["length"] == 3
    assert metadata["features"] == ["a", "b", "c"]
    assert set(metadata["metrics"]) == {"precision", "recall", "f1", "average_precision"}
    assert metadata["intervals"]["f1"][0] <= metadata["metrics"]["f1"] <= metadata["intervals"]["f1"][1]
    assert metadata["versions"]["nrti"] == "9.9.9"
    assert 0 < metadata["threshold"] < 1


def test_the_evaluation_is_on_rows_that_were_held_out(trained: Run) -> None:
    evaluation = json.loads((trained[1] / "output" / "data" / "evaluation.json").read_text())

    assert evaluation["rows"] == {"train": 30_000, "validation": 10_000, "test": 10_000}
    assert sum(evaluation["confusion"].values()) == 10_000
    assert evaluation["split"] == {"by": "random", "gap": 0, "optimistic": ""}
    assert evaluation["base_rate"] == pytest.approx(0.0313, abs=1e-3)


def test_the_serving_script_is_in_the_artifact(trained: Run) -> None:
    packed = trained[1] / "model" / "code" / "inference.py"

    assert packed.read_bytes() == (REMOTE / "sagemaker" / "inference.py").read_bytes()


def test_a_row_is_predicted_without_scikit_learn(trained: Run) -> None:
    program = (
        "import sys, inference\n"
        "model = inference.model_fn(sys.argv[1])\n"
        "print(inference.predict_fn([[1, 2, 3]] * 25, model))\n"
        "print([name for name in ('joblib', 'scipy', 'sklearn') if name in sys.modules])"
    )
    model = trained[1] / "model"

    answered = subprocess.run(
        [sys.executable, "-c", program, str(model)],
        cwd=model / "code",
        capture_output=True,
        text=True,
        check=True,
    )

    predictions, loaded = answered.stdout.splitlines()
    assert predictions.count("probability") == 25
    assert loaded == "[]"


def test_the_metrics_are_printed(trained: Run) -> None:
    assert "test_f1=" in trained[0].stdout
    assert "validation_average_precision=" in trained[0].stdout


def test_windows_of_floats_are_learned(tmp_path: Path) -> None:
    train, fresh = machine_temperature(22_000, seed=1), machine_temperature(10_000, seed=2)

    assert not run_here(tmp_path, train.parquet())

    assert f1(fresh.labels, predicted(tmp_path, fresh.values)) >= 0.8


def described(columns: dict[str, Any], **made: Any) -> bytes:
    """A file that says how its rows were made."""
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table(columns).replace_schema_metadata({"nrti:inputs": json.dumps(made)}), sink)
    return sink.getvalue().to_pybytes()


def test_windows_of_two_channels_with_gaps_are_split_by_time_and_served(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    rows = random.normal(size=(600, 6))
    labels = np.arange(600) % 6 == 0
    rows[labels, 3] += 9
    rows[5::11, 0] = np.nan
    columns = {
        f"{name}[{row}]": rows[:, 2 * row + channel] for row in range(3) for channel, name in enumerate("tp")
    }
    file = described(
        {**columns, "__time": np.arange(600) * 1000, "event": labels.astype(int)},
        window=3, hop=1, features=["t", "p"], missing="keep",
    )  # fmt: skip

    assert run_here(tmp_path, file) is None

    metadata = json.loads((tmp_path / "model" / "metadata.json").read_text())
    assert (metadata["length"], metadata["channels"], metadata["missing"]) == (6, 2, True)
    assert metadata["split"] == {"by": "time", "gap": 5, "optimistic": ""}
    assert metadata["signature"]["inputs"]["features"] == ["t", "p"]
    model = inference.model_fn(str(tmp_path / "model"))
    answers = inference.predict_fn([[[None, 0], [0, 9], [0, 0]], [[0, 0, 0], [0, 9, 0]]], model)
    assert isinstance(answers, list)
    good, bad = answers
    assert good["prediction"] == 1
    assert "3 x 2" in bad["error"]


def test_the_model_in_service_is_judged_on_the_same_rows(trained: Run, tmp_path: Path) -> None:
    (tmp_path / "service").mkdir()
    with tarfile.open(tmp_path / "service" / "model.tar.gz", "w:gz") as packed:
        packed.add(trained[1] / "model", arcname=".")

    assert run_here(tmp_path, demo(2_000, 3).parquet(), "--incumbent", str(tmp_path / "service")) is None
    beside = json.loads((tmp_path / "output" / "data" / "evaluation.json").read_text())["incumbent"]
    assert beside["f1"] == 1
    assert beside["difference"]["f1"][1] <= 0

    assert (
        run_here(
            tmp_path / "b", machine_temperature(500, 1).parquet(), "--incumbent", str(tmp_path / "service")
        )
        is None
    )
    beside = json.loads((tmp_path / "b" / "output" / "data" / "evaluation.json").read_text())["incumbent"]
    assert beside == {
        "reason": "the model in service cannot be evaluated on these rows: it takes sequences of 3 values"
    }


@pytest.mark.parametrize("length", [1, 512])
def test_the_shortest_and_the_longest_sequence(tmp_path: Path, length: int) -> None:
    values = np.random.default_rng(0).normal(size=(200, length))
    dataset = Dataset("", tuple(f"v{i}" for i in range(length)), values, (values[:, 0] > 0).astype(np.int8))

    assert run_here(tmp_path, dataset.parquet()) is None
    assert inference.model_fn(str(tmp_path / "model")).length == length


def test_the_fewest_rows_that_are_allowed(tmp_path: Path) -> None:
    labels = [0, 1] * 10

    assert run_here(tmp_path, parquet({"a": range(20), "event": labels})) is None


@pytest.mark.parametrize(
    ("channel", "reason"),
    [
        (None, "no parquet file"),
        (b"PAR1 nonsense", "arquet"),
        (parquet({"event": [0, 1] * 20}), "no feature columns"),
        (parquet({"a": range(40), "event": [0] * 40}), "0 of class 1"),
        (parquet({"a": range(40), "event": [2] * 40}), "must be the label"),
        (described({"a": range(40), "event": [0, 1] * 20}, window=2, features=["a"]), "are not 2 x 1"),
        (parquet({"a": ["x"] * 40, "event": [0, 1] * 20}), "values that are not numbers"),
        (parquet({"a": [None, 1.0] * 20, "event": [0, 1] * 20}), "missing or non-finite"),
    ],
)
def test_the_reason_of_a_failure_is_one_line(tmp_path: Path, channel: bytes | None, reason: str) -> None:
    said = run_here(tmp_path, channel)

    written = (tmp_path / "output" / "failure").read_text()
    assert said == f"ERROR: the data cannot be trained on: {written}"  # on stderr, with exit status 1
    assert reason in written
    assert "\n" not in written

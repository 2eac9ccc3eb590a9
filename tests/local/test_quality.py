"""Quality, retraining and rollback as a user types them, on predictions with labels in the lake."""

from __future__ import annotations

import io
import json
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet
from sklearn import metrics

from nrti_cli.aws.target import Target
from nrti_cli.models.training.dataset import demo
from nrti_cli.stack.outputs import outputs
from tests.local.conftest import Nrti

#: A day of its own, which no other test of the stack's lake counts.
DAY = date(2026, 3, 5)
MODEL = "judged"
_ROWS = 3_000
_SINCE = ("--model", MODEL, "--since", str(DAY))


@pytest.fixture(scope="module")
def truth(pipeline: Target, nrti: Nrti, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Predictions of a model that finds two failures of three, and the labels of nine events of ten."""
    rows, random = demo(_ROWS, 5), np.random.default_rng(5)
    labels = rows.labels.astype(int)
    probability = np.where(labels == 1, random.random(_ROWS) * 0.9 + 0.1, random.random(_ROWS) * 0.45).round(
        2
    )
    prediction = (probability >= 0.4).astype(int)
    _deliver(pipeline, rows.values, probability, prediction)
    labelled = random.random(_ROWS) < 0.9
    file = tmp_path_factory.mktemp("labels") / "labels.csv"
    lines = [f"{_id(number)},{labels[number]}\n" for number in np.flatnonzero(labelled).tolist()]
    file.write_text("event_id,label\n" + "".join(lines))
    done = nrti("label", str(file))
    assert done.returncode == 0, done.stderr
    return {
        "truth": labels[labelled],
        "prediction": prediction[labelled],
        "probability": probability[labelled],
    }


def _id(number: int) -> str:
    return f"judged-{number:05d}"


def _deliver(pipeline: Target, values: np.ndarray, probability: np.ndarray, prediction: np.ndarray) -> None:
    times = np.datetime64(DAY, "ms") + np.arange(_ROWS) * 1_000
    table = pa.table(
        {
            "event_id": [_id(number) for number in range(_ROWS)],
            "sensor": [f"robot-{number % 3}" for number in range(_ROWS)],
            "model": [MODEL] * _ROWS,
            "event_time": times,
            "prediction": pa.array(prediction, pa.int32()),
            "probability": probability,
            "data": list(values),
            "received_time": times,
            "predicted_time": times,
        }
    )
    file = io.BytesIO()
    parquet.write_table(table, file)
    client = pipeline.client("s3")
    key = f"predictions/day={DAY}/judged.parquet"
    client.put_object(Bucket=outputs(pipeline).lake_bucket, Key=key, Body=file.getvalue())


def test_the_figures_are_those_of_the_labelled_events(nrti: Nrti, truth: dict[str, Any]) -> None:
    (found,) = json.loads(nrti("quality", *_SINCE, "--format", "json").stdout)

    assert (found["events"], found["labelled"]) == (_ROWS, len(truth["truth"]))
    recall = metrics.recall_score(truth["truth"], truth["prediction"])
    assert found["metrics"]["recall"] == pytest.approx(recall, abs=1e-6)
    assert found["metrics"]["average_precision"] == pytest.approx(
        metrics.average_precision_score(truth["truth"], truth["probability"]), abs=1e-6
    )
    assert found["promised"] is None
    by_sensor = nrti("quality", *_SINCE, "--by", "sensor").stdout
    assert all(f"robot-{number}" in by_sensor for number in range(3))


@pytest.mark.usefixtures("truth")
def test_the_exit_code_says_whether_a_limit_holds(nrti: Nrti) -> None:
    good = nrti("quality", *_SINCE, "--fail-under", "recall=0.5")
    bad = nrti("quality", *_SINCE, "--fail-under", "recall=0.5", "--fail-under", "f1=0.99")
    wrong = nrti("quality", *_SINCE, "--fail-under", "brier=0.1")
    unlabelled = nrti("quality", "--since", "2026-12-31", "--fail-under", "recall=0.5")

    assert [each.returncode for each in (good, bad, wrong, unlabelled)] == [0, 1, 2, 1]
    assert f"f1 of {MODEL} is 0." in bad.stderr
    assert "recall" not in bad.stderr.partition("nrti: ")[2]
    assert "'brier=0.1' is not one of precision, recall" in wrong.stderr
    assert "the lake has no predictions since 2026-12-31" in unlabelled.stderr


def test_a_model_is_trained_on_the_lake_published_if_it_is_better_and_rolled_back(
    nrti: Nrti, truth: dict[str, Any], tmp_path: Path
) -> None:
    bad = tmp_path / "bad.csv"
    rows, noise = demo(1_000, 3), np.random.default_rng(3)
    lines = zip(rows.values, rows.labels ^ (noise.random(1_000) < 0.3), strict=True)
    bad.write_text("a,b,c,event\n" + "".join(f"{a},{b},{c},{int(label)}\n" for (a, b, c), label in lines))
    quick = ("--name", MODEL, "--budget", "0")
    first = nrti("train", *quick, "--data", str(bad), "--force")
    assert first.returncode == 0, first.stderr
    lake = (*quick, "--from-lake", "--since", str(DAY), "--where", "sensor like 'robot-%'", "--if-better")

    better = nrti("train", *lake)
    same = nrti("train", *lake)

    assert (better.returncode, same.returncode) == (0, 3), better.stderr + same.stderr
    assert f"{len(truth['truth']):,} labelled events of the lake" in better.stderr
    assert "not better than the version in service by more than the interval" in same.stderr
    newest, former = json.loads(nrti("models", "--versions", MODEL, "--format", "json").stdout)
    assert newest["split"] == "time"
    assert newest["lineage"]["lake_rows"] == len(truth["truth"])
    assert newest["lineage"]["job"] == newest["source"]
    assert "sensor like 'robot-%'" in newest["lineage"]["query"]
    assert "query" not in former["lineage"]
    assert f"data SHA-256 {newest['lineage']['sha256']}" in nrti("models", "--versions", MODEL).stdout

    back = nrti("models", "rollback", MODEL)
    again = nrti("models", "rollback", MODEL)

    assert back.returncode == 0, back.stderr
    assert f"rolled back from version {newest['version']} to {former['version']}" in back.stderr
    assert again.returncode == 1
    assert f"model {MODEL} has no version before {former['version']} to go back to" in again.stderr
    served = json.loads(nrti("models", "--versions", MODEL, "--format", "json").stdout)
    assert [(each["in_service"], each["rolled_back"]) for each in served] == [(False, True), (True, False)]


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (("--where", "truth = 1) or (1 = 1"), "--where 'truth = 1) or (1 = 1': its parentheses do not match"),
        (("--where", "sensr = 'a'"), "check --where, which begins in line"),
        (("--where", "sensor = 'no-such-robot'"), "the lake has no such labelled predictions"),
    ],
)
@pytest.mark.usefixtures("truth")
def test_a_wrong_condition_is_one_line(nrti: Nrti, options: tuple[str, ...], reason: str) -> None:
    done = nrti("train", "--name", MODEL, "--from-lake", *options)

    assert done.returncode in {1, 2}
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("nrti: ")]
    assert reason in line

"""Trains the model: SageMaker's scikit-learn container runs this file by the script-mode contract.

Channel `train` holds parquet: numeric feature columns in the order of the sequence, then the label (0 or 1)
as the last column. The result is `model.joblib`, its trees in `trees.json`, `metadata.json` and
`code/inference.py` in the model directory, and `evaluation.json` in the output data directory. Whatever is
the data's fault goes, as one line, into `output/failure`, from where SageMaker takes the job's failure
reason.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import joblib
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import sklearn
from inference import MANY_ROWS, Boosting, features
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import average_precision_score, precision_recall_curve
from sklearn.model_selection import train_test_split

if TYPE_CHECKING:
    from collections.abc import Sequence

    from inference import Tree
    from numpy.typing import NDArray

    Values = NDArray[np.float64]
    Labels = NDArray[np.int64]

#: The rows of each class that it takes to judge by any: 6 to train, 2 to validate, 2 to test.
LEAST_ROWS = 10


class DataError(Exception):
    """The data cannot be trained on; the message says why in one line."""


class Part(NamedTuple):
    """Some of the rows: sequences of shape (n, length) and their labels of shape (n,)."""

    rows: Values
    labels: Labels


def read(channel: Path) -> tuple[Part, list[str]]:
    """All rows of a channel and the names of their values.

    Raises:
        DataError: there are none, or they are not finite numbers with labels of 0 and 1.
    """
    files = sorted(channel.glob("*.parquet"))
    if not files:
        raise DataError("the channel 'train' holds no parquet file")
    table = pa.concat_tables([pq.read_table(file) for file in files])
    *names, label = (name for name in table.column_names if not name.startswith("__"))
    if not names:
        raise DataError(f"the data has no feature columns, only {label!r}")
    missing = signature(channel).get("inputs", {}).get("missing") == "keep"
    rows = np.column_stack([_numbers(table, name, missing=missing) for name in names])
    labels = _numbers(table, label)
    if not np.isin(labels, (0, 1)).all():
        raise DataError(f"the last column, {label!r}, must be the label and hold 0 or 1")
    return Part(rows, labels.astype(np.int64)), names


def signature(channel: Path) -> dict[str, Any]:
    """What the model declares: the inputs that the file's metadata describe, if they do."""
    (file, *_) = sorted(channel.glob("*.parquet"))
    described = (pq.read_schema(file).metadata or {}).get(b"nrti:inputs")
    return {"inputs": json.loads(described)} if described else {}


def _numbers(table: pa.Table, name: str, *, missing: bool = False) -> Values:
    try:
        values: Values = table.column(name).to_numpy().astype(np.float64)
    except (TypeError, ValueError) as error:
        raise DataError(f"column {name!r} holds something else than numbers") from error
    if np.isinf(values).any() or (np.isnan(values).any() and not missing):
        raise DataError(f"column {name!r} holds missing or non-finite values")
    return values


def split(whole: Part, seed: int) -> tuple[Part, Part, Part]:
    """Rows to train on (60 %), to choose the threshold on (20 %) and to judge by (20 %), stratified.

    Raises:
        DataError: a class has too few rows for that.
    """
    counts = np.bincount(whole.labels, minlength=2)
    if counts.min() < LEAST_ROWS:
        raise DataError(
            f"{counts[0]} rows of class 0 and {counts[1]} of class 1 are too few, each needs {LEAST_ROWS}"
        )
    order = np.arange(len(whole.labels))
    learned, rest = train_test_split(order, test_size=0.4, stratify=whole.labels, random_state=seed)
    chosen, judged = train_test_split(rest, test_size=0.5, stratify=whole.labels[rest], random_state=seed)
    first, second, third = (Part(whole.rows[part], whole.labels[part]) for part in (learned, chosen, judged))
    return first, second, third


def fit(train: Part, validation: Part, seed: int) -> HistGradientBoostingClassifier:
    """The estimator; docs/models.md says why this one. It stops when the validation rows no longer gain."""
    estimator = HistGradientBoostingClassifier(
        learning_rate=0.15,
        max_iter=300,
        early_stopping=True,
        n_iter_no_change=10,
        tol=1e-5,
        random_state=seed,
    )
    return estimator.fit(
        features(train.rows), train.labels, X_val=features(validation.rows), y_val=validation.labels
    )


def choose_threshold(labels: Labels, probabilities: Values) -> float:
    """The probability with the highest F1, moved halfway to the next lower one that occurs.

    Halfway, because rows yet to come fall between those that were seen.
    """
    precision, recall, thresholds = precision_recall_curve(labels, probabilities)
    f1 = 2 * precision * recall / np.maximum(precision + recall, np.finfo(float).tiny)
    best = thresholds[np.argmax(f1[:-1])]
    below = probabilities[probabilities < best].max(initial=0.0)
    return float((best + below) / 2)


def evaluate(labels: Labels, probabilities: Values, threshold: float) -> dict[str, Any]:
    """Confusion and metrics of probabilities against the truth, at a threshold."""
    predicted = (probabilities >= threshold).astype(np.int64)
    tn, fp, fn, tp = np.bincount(2 * labels + predicted, minlength=4).tolist()
    return {
        "confusion": {"tn": tn, "fp": fp, "fn": fn, "tp": tp},
        "precision": tp / (tp + fp) if tp + fp else 0.0,
        "recall": tp / (tp + fn),
        "f1": 2 * tp / (2 * tp + fp + fn),
        "average_precision": float(average_precision_score(labels, probabilities)),
    }


def trees_of(estimator: Any, length: int) -> dict[str, Any] | None:
    """What `inference.Boosting` walks; None if it does not give exactly what the estimator does."""

    def score(rows: Values) -> Values:
        return np.asarray(estimator.predict_proba(rows)[:, 1])

    sequences = np.random.default_rng(0).normal(scale=100, size=(MANY_ROWS - 1, length))
    rows = features(sequences)
    try:
        start = float(estimator._baseline_prediction.item())  # noqa: SLF001 - it is tried out below
        trees = [_tree(predictor.nodes, 0) for (predictor,) in estimator._predictors]  # noqa: SLF001
        if np.array_equal(Boosting(start, trees, score)(rows), score(rows)):
            return {"start": start, "trees": trees}
    except Exception as error:  # noqa: BLE001 - another estimator, or another version's insides: both can predict
        say(f"the trees are left to scikit-learn: {error!r}")
    return None


def _tree(nodes: Any, index: int) -> Tree:
    node = nodes[index]
    if node["is_leaf"]:
        return float(node["value"])
    if node["is_categorical"]:
        raise ValueError("a tree compares categories")
    feature, threshold = int(node["feature_idx"]), float(node["num_threshold"])
    below = (_tree(nodes, node[side]) for side in ("left", "right"))
    return [feature, threshold, *below, bool(node["missing_go_to_left"])]


def save(model_dir: Path, estimator: HistGradientBoostingClassifier, metadata: dict[str, Any]) -> None:
    """Writes what `inference.py` loads, and `inference.py` itself."""
    model_dir.mkdir(parents=True, exist_ok=True)
    joblib.dump(estimator, model_dir / "model.joblib")
    if written := trees_of(estimator, metadata["length"]):
        (model_dir / "trees.json").write_text(json.dumps(written))
    (model_dir / "metadata.json").write_text(json.dumps(metadata, indent=2))
    (model_dir / "code").mkdir(exist_ok=True)
    shutil.copy(Path(__file__).with_name("inference.py"), model_dir / "code")


def train(arguments: argparse.Namespace) -> None:
    """The whole job; the lines it prints are its log, those with `=` its metrics."""
    whole, names = read(arguments.train)
    parts = dict(zip(("train", "validation", "test"), split(whole, arguments.seed), strict=True))
    counts = {name: len(part.labels) for name, part in parts.items()}
    shares = ", ".join(f"{part} {rows}" for part, rows in counts.items())
    say(f"{len(whole.labels)} sequences of {len(names)}, {whole.labels.sum()} failures: {shares}")
    began = time.perf_counter()
    estimator = fit(parts["train"], parts["validation"], arguments.seed)
    say(f"fitted {estimator.n_iter_} trees")
    scores = {name: estimator.predict_proba(features(part.rows))[:, 1] for name, part in parts.items()}
    threshold = choose_threshold(parts["validation"].labels, scores["validation"])
    metrics = {name: evaluate(parts[name].labels, scores[name], threshold) for name in ("validation", "test")}
    report(metrics, time.perf_counter() - began)
    description = {
        "length": len(names),
        "features": names,
        "estimator": type(estimator).__name__,
        "threshold": threshold,
        "metrics": {name: value for name, value in metrics["test"].items() if name != "confusion"},
        "rows": counts,
        "versions": versions(arguments.nrti),
        "signature": signature(arguments.train),
    }
    save(arguments.model_dir, estimator, description)
    evaluation = {**metrics["test"], "threshold": threshold, "rows": counts}
    arguments.output_data_dir.mkdir(parents=True, exist_ok=True)
    (arguments.output_data_dir / "evaluation.json").write_text(json.dumps(evaluation, indent=2))


def report(metrics: dict[str, dict[str, Any]], seconds: float) -> None:
    """Prints the metric lines that the job's MetricDefinitions look for."""
    say(f"train_seconds={seconds:.3f}")
    for part, values in metrics.items():
        for name in ("precision", "recall", "f1", "average_precision"):
            say(f"{part}_{name}={values[name]:.6f}")


def versions(nrti: str) -> dict[str, str]:
    """What the artifact was made with."""
    return {
        "nrti": nrti,
        "python": platform.python_version(),
        "numpy": np.__version__,
        "scikit-learn": sklearn.__version__,
    }


def say(line: str) -> None:
    """Prints a line at once, so that whoever follows the log sees it."""
    print(line, flush=True)


def parse(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """Hyperparameters, and the directories that SageMaker names in the environment."""
    environment = os.environ
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--nrti", default="", help="the version of nrti that started the job")
    parser.add_argument("--train", type=Path, default=environment.get("SM_CHANNEL_TRAIN"))
    parser.add_argument("--model-dir", type=Path, default=environment.get("SM_MODEL_DIR"))
    parser.add_argument("--output-data-dir", type=Path, default=environment.get("SM_OUTPUT_DATA_DIR"))
    return parser.parse_args(argv)


def main() -> None:
    """Runs the job; exits with 1 after writing down what is wrong with the data."""
    arguments = parse()
    try:
        train(arguments)
    except (DataError, pa.ArrowException) as error:
        reason = " ".join(str(error).split())
        (arguments.output_data_dir.parent / "failure").write_text(reason)
        sys.exit(f"the data cannot be trained on: {reason}")


if __name__ == "__main__":
    main()

"""Trains the model: SageMaker's scikit-learn container runs this file in script mode.

The channel `train` has parquet files: numeric feature columns in the order of the sequence, then the label (0
or 1) as the last column; `__group` and `__time` are optional. The channel `incumbent` may have the artifact
in service, which is evaluated on the same rows. The model directory gets `model.joblib`, the same model in
`scorer.json`, `metadata.json`, `reference.json`, `report.html` and `code/inference.py`; the output data
directory gets `evaluation.json` and `report.html`. Errors in the data go as one line into `output/failure`,
where SageMaker finds the job's failure reason.
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
from typing import TYPE_CHECKING, Any

import joblib
import numpy as np
import pyarrow as pa
import reference
import sklearn
from channel import Data, DataError, inputs, lineage, read_channel
from evaluation import evaluate
from findings import findings
from forms import form_of
from metrics import FIGURES, Scored
from page import render
from search import search, seen
from splitting import split
from threshold import choose

if TYPE_CHECKING:
    from collections.abc import Sequence

    from search import Chosen

#: The member of the artifact to which later events are compared.
REFERENCE = "reference.json"


def train(arguments: argparse.Namespace) -> None:
    """The whole job; the lines that it prints are its log, those with `=` its metrics."""
    made = inputs(arguments.train)
    whole = read_channel(arguments.train, made)
    parts = split(whole, arguments.split, arguments.seed)
    learned, validation, test = (whole.part(rows) for rows in (parts.train, parts.validation, parts.test))
    say(f"{len(whole)} sequences of {len(whole.names)}, {whole.labels.sum()} failures: {parts.describe()}")
    began = time.perf_counter()
    chosen = search(learned, validation, arguments.seed, arguments.budget)
    _say_search(chosen)
    scores = [chosen.estimator.predict_proba(seen(part))[:, 1] for part in (validation, test)]
    limit = choose(arguments.choose_threshold, validation.labels, scores[0])
    say(f"train_seconds={time.perf_counter() - began:.3f}")
    judged = Scored.at(limit, test.labels, scores[1])
    _say_figures(validation=Scored.at(limit, validation.labels, scores[0]), test=judged)
    figures = evaluate(judged, whole, parts, arguments.incumbent)
    found = findings(whole, parts, figures["resampled"]["failures"])
    for finding in found:
        say(f"warning: {finding}")
    evaluation = {
        **figures,
        "threshold": limit,
        "rule": arguments.choose_threshold,
        "findings": found,
        "search": chosen.describe(),
    }
    page = render(evaluation, judged, test.times, arguments.title)
    save(arguments.model_dir, chosen.estimator, describe(whole, made, evaluation, arguments), page)
    described = reference.describe(whole, test, scores[1], limit)
    (arguments.model_dir / REFERENCE).write_text(
        json.dumps(described, separators=(",", ":")), encoding="utf-8"
    )
    arguments.output_data_dir.mkdir(parents=True, exist_ok=True)
    (arguments.output_data_dir / "evaluation.json").write_text(
        json.dumps(evaluation, indent=2), encoding="utf-8"
    )
    (arguments.output_data_dir / "report.html").write_text(page, encoding="utf-8")


def describe(
    whole: Data, made: dict[str, Any], evaluation: dict[str, Any], arguments: argparse.Namespace
) -> dict[str, Any]:
    """The metadata of the artifact."""
    return {
        "length": len(whole.names),
        "features": whole.names,
        "channels": whole.shape.channels,
        "missing": made.get("missing") == "keep",
        "estimator": evaluation["search"]["chosen"],
        "threshold": evaluation["threshold"],
        "metrics": {name: evaluation[name] for name in FIGURES},
        "intervals": evaluation["intervals"],
        "base_rate": evaluation["base_rate"],
        "split": evaluation["split"],
        "rows": evaluation["rows"],
        "data": arguments.data,
        "lineage": {
            "job": os.environ.get("TRAINING_JOB_NAME", ""),
            "rows": len(whole),
            **lineage(arguments.train),
        },
        "versions": versions(arguments.nrti),
        "reference": REFERENCE,
        "signature": {"inputs": made} if made else {},
    }


def save(model_dir: Path, estimator: Any, metadata: dict[str, Any], page: str = "") -> None:
    """Writes what `inference.py` loads, `inference.py` itself, and the report."""
    (model_dir / "code").mkdir(parents=True, exist_ok=True)
    joblib.dump(estimator, model_dir / "model.joblib")
    if form := form_of(estimator, metadata["length"], metadata.get("channels", 0)):
        (model_dir / "scorer.json").write_text(json.dumps(form), encoding="utf-8")
    (model_dir / "metadata.json").write_text(json.dumps(metadata, indent=2), encoding="utf-8")
    (model_dir / "report.html").write_text(page, encoding="utf-8")
    shutil.copy(Path(__file__).with_name("inference.py"), model_dir / "code")


def _say_search(chosen: Chosen) -> None:
    """Prints what was tried, and what there was no time for."""
    for tried in chosen.tried:
        say(f"{tried.name}: average precision {tried.average_precision:.4f} (validation)")
    if chosen.left:
        say(f"the budget ended before {'; '.join(chosen.left)}")


def _say_figures(**parts: Scored) -> None:
    """Prints the metric lines that the job's MetricDefinitions look for."""
    for part, scored in parts.items():
        for name, value in scored.figures.items():
            say(f"{part}_{name}={value:.6f}")


def versions(nrti: str) -> dict[str, str]:
    """What the artifact was made with."""
    return {
        "nrti": nrti,
        "python": platform.python_version(),
        "numpy": np.__version__,
        "scikit-learn": sklearn.__version__,
    }


def say(line: str) -> None:
    """Prints a line without buffering, for those who follow the log."""
    print(line, flush=True)


def parse(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """Hyperparameters, and the directories that SageMaker names in the environment."""
    environment = os.environ
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--budget", type=float, default=20, help="seconds to look for an estimator")
    parser.add_argument("--split", choices=("", "time", "group", "random"), default="")
    parser.add_argument("--choose-threshold", default="f1", help="f1, recall=0.9 or cost=FN:FP")
    parser.add_argument("--data", default="", help="where the rows are from")
    parser.add_argument("--title", default="", help="of the report, such as the model's name")
    parser.add_argument("--nrti", default="", help="the version of nrti that started the job")
    parser.add_argument("--train", type=Path, default=environment.get("SM_CHANNEL_TRAIN"))
    parser.add_argument("--incumbent", type=Path, default=environment.get("SM_CHANNEL_INCUMBENT"))
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
        (arguments.output_data_dir.parent / "failure").write_text(reason, encoding="utf-8")
        sys.exit(f"ERROR: the data cannot be trained on: {reason}")


if __name__ == "__main__":
    main()

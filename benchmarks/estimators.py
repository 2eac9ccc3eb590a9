"""Compares estimators on quality and on the latency of one row; docs/models.md holds the tables.

Run it with `OMP_NUM_THREADS=1 python -m benchmarks.estimators`, as the endpoint runs with one thread.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import ExtraTreesClassifier, HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score, precision_recall_curve
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from tests.datasets import machine_temperature, rare_failures
from tests.unit.remote.scripts import flat, script

from nrti_cli.models.training.dataset import Dataset, demo
from nrti_cli.remote.sagemaker.inference import features
from nrti_cli.remote.sagemaker.metrics import Scored, Units, difference, intervals

Transform = Callable[[NDArray[np.float64]], NDArray[np.float64]]


def boosting() -> HistGradientBoostingClassifier:
    """The estimator of train.py, which stops on rows of its own here."""
    return HistGradientBoostingClassifier(
        learning_rate=0.15, max_iter=300, early_stopping=True, n_iter_no_change=10, tol=1e-5, random_state=0
    )


CANDIDATES: dict[str, tuple[Transform, Callable[[], Any]]] = {
    "gradient boosting, values alone": (np.asarray, boosting),
    "gradient boosting": (features, boosting),
    "random forest, 100 trees": (features, lambda: RandomForestClassifier(random_state=0)),
    "extra trees, 100 trees": (features, lambda: ExtraTreesClassifier(random_state=0)),
    "perceptron, 64 units": (
        features,
        lambda: make_pipeline(StandardScaler(), MLPClassifier((64,), early_stopping=True, random_state=0)),
    ),
    "logistic regression": (
        features,
        lambda: make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000)),
    ),
}
DATASETS: dict[str, tuple[Callable[[int, int], Dataset], int, int]] = {
    "demo": (demo, 40_000, 200_000),
    "temperature": (machine_temperature, 17_600, 50_000),
}


#: For what the search of train.py chooses: rows in all, a fifth of which judge.
SEARCHED: dict[str, tuple[Callable[[int, int], Dataset], int]] = {
    "demo": (demo, 50_000),
    "temperature": (machine_temperature, 20_000),
    "rare failures": (rare_failures, 20_000),
}
BUDGET = 60


def threshold(estimator: Any, transform: Transform, validation: Dataset) -> float:
    """The probability with the highest F1."""
    scores = estimator.predict_proba(transform(validation.values))[:, 1]
    precision, recall, thresholds = precision_recall_curve(validation.labels, scores)
    f1 = 2 * precision * recall / np.maximum(precision + recall, 1e-9)
    return float(thresholds[np.argmax(f1[:-1])])


def latency(estimator: Any, transform: Transform, row: NDArray[np.float64], repetitions: int = 300) -> float:
    """The median time of one row in milliseconds, features included."""
    spent = []
    for _ in range(repetitions):
        began = time.perf_counter()
        estimator.predict_proba(transform(row))
        spent.append(time.perf_counter() - began)
    return float(np.median(spent)) * 1000


def measure(name: str, dataset: str) -> str:
    """One line of the table."""
    transform, make = CANDIDATES[name]
    generate, rows, fresh_rows = DATASETS[dataset]
    train, validation, fresh = generate(rows, 1), generate(10_000, 2), generate(fresh_rows, 3)
    began = time.perf_counter()
    estimator = make().fit(transform(train.values), train.labels)
    seconds = time.perf_counter() - began
    predicted = estimator.predict_proba(transform(fresh.values))[:, 1] >= threshold(
        estimator, transform, validation
    )
    f1, milliseconds = f1_score(fresh.labels, predicted), latency(estimator, transform, fresh.values[:1])
    return f"| {dataset} | {name} | {f1:.4f} | {milliseconds:.2f} | {seconds:.1f} |"


def searched(dataset: str) -> list[str]:
    """What the search of train.py chooses, beside scikit-learn's own settings on the same split."""
    splitting, search = script("splitting"), script("search")
    generate, rows = SEARCHED[dataset]
    made = generate(rows, 1)
    data = flat(made.values, made.labels)
    parts = splitting.split(data, "random", 0)
    train, validation, test = (data.part(rows) for rows in (parts.train, parts.validation, parts.test))
    found = search.search(train, validation, 0, BUDGET)
    others = {"HistGradientBoosting": HistGradientBoostingClassifier, "RandomForest": RandomForestClassifier}
    estimators = {found.name: found.estimator} | {
        name: make(random_state=0).fit(search.seen(train), train.labels) for name, make in others.items()
    }
    scored = {
        name: Scored.at(0.5, test.labels, estimator.predict_proba(search.seen(test))[:, 1])
        for name, estimator in estimators.items()
    }
    units, ours = Units.of_rows(len(test)), scored[found.name]
    return [
        f"| {dataset} | {name} | {each.figures['average_precision']:.4f} | "
        f"{span(intervals(each, units)['average_precision'])} | "
        f"{'' if each is ours else span(difference(each, ours, units)['average_precision'])} |"
        for name, each in scored.items()
    ]


def span(interval: tuple[float, float]) -> str:
    """An interval in a cell."""
    return f"{interval[0]:.4f} to {interval[1]:.4f}"


def main() -> None:
    """Prints the tables as markdown."""
    print("| data | estimator | F1 on fresh rows | one row, ms | training, s |")
    print("|---|---|---:|---:|---:|")
    for dataset in DATASETS:
        for name in CANDIDATES:
            print(measure(name, dataset), flush=True)
    print()
    print("| data | estimator | average precision | 95 % interval | the search's less this |")
    print("|---|---|---:|---:|---:|")
    for dataset in SEARCHED:
        print("\n".join(searched(dataset)), flush=True)


if __name__ == "__main__":
    main()

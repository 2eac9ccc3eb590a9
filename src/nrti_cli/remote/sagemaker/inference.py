"""Serves the model: the handlers that SageMaker's scikit-learn container calls for every request.

`POST /invocations` with `{"instances": [[n, ...], ...]}` answers `{"predictions": [{"prediction": 0 or 1,
"probability": p} or {"error": why}, ...]}`, in order; `text/csv` has a row per line, both ways. Each row is
judged by itself, so that a bad one never costs the others their prediction.

Nothing here needs pandas or allocates more than it must: one row is the usual request, and its latency is
what the whole pipeline waits for.
"""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from functools import lru_cache, partial
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any

import joblib
import numpy as np
from scipy.special import expit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import NDArray

    Score = Callable[[NDArray[np.float64]], NDArray[np.float64]]
    #: A leaf's value; or a feature's position, its greatest value on the left, and what is left and right.
    Tree = float | tuple[int, float, "Tree", "Tree"]

#: Every pair of positions is compared up to this length (66 differences); beyond it only neighbours are.
PAIRWISE_LENGTH = 12

#: From so many rows on, what scikit-learn does around its trees costs less than walking them in Python.
_MANY_ROWS = 30

_NUMBERS = {int, float}


@lru_cache(maxsize=1)
def _compared(length: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The earlier and the later positions that are subtracted from one another."""
    if length <= PAIRWISE_LENGTH:
        earlier, later = np.triu_indices(length, 1)
        return earlier, later
    return np.arange(length - 1), np.arange(1, length)


def features(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """What the estimator sees: the values, their differences, and a summary of the sequence.

    Differences matter because a tree cuts one feature at a time and would need many cuts to say `b - a > 50`.

    Args:
        rows: sequences, shape (n, length).

    Returns:
        shape (n, k); k is 82 at most up to a length of 12, and 2 * length + 3 beyond.
    """
    earlier, later = _compared(rows.shape[1])
    # Values near the largest float overflow when subtracted; the estimator takes infinities and NaN.
    with np.errstate(over="ignore", invalid="ignore"):
        differences = rows[:, later] - rows[:, earlier]
        mean = rows.mean(axis=1, keepdims=True)
        deviation = np.sqrt(np.square(rows - mean).mean(axis=1, keepdims=True))
    extremes = rows.min(axis=1, keepdims=True), rows.max(axis=1, keepdims=True)
    return np.concatenate((rows, differences, mean, deviation, *extremes), axis=1)


class Boosting:
    """The probability of a failure by gradient boosting, without what scikit-learn does around its trees.

    `predict_proba` takes 0.4 ms for one row as for 25: validation, threads, and a call for each tree. Walking
    the same trees takes 10 microseconds a row, and adds the same values in the same order.

    Raises:
        Exception: the estimator is not one of two classes by trees.
    """

    def __init__(self, estimator: Any) -> None:
        self._estimator = estimator
        self._start = float(estimator._baseline_prediction.item())  # noqa: SLF001 - `score_of` tries it out
        self._trees = [_tree(predictor.nodes, 0) for (predictor,) in estimator._predictors]  # noqa: SLF001

    def __call__(self, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        """Of rows of features, shape (n, k): shape (n,)."""
        if len(rows) >= _MANY_ROWS or np.isnan(rows).any():  # what is missing has rules of its own
            return _probabilities(self._estimator, rows)
        return np.asarray(expit([self._sum(row) for row in rows.tolist()]))

    def _sum(self, row: list[float]) -> float:
        total = self._start
        for tree in self._trees:
            node = tree
            while isinstance(node, tuple):
                feature, threshold, left, right = node
                node = left if row[feature] <= threshold else right
            total += node
        return total


def _tree(nodes: Any, index: int) -> Tree:
    node = nodes[index]
    if node["is_leaf"]:
        return float(node["value"])
    if node["is_categorical"]:
        raise ValueError("a tree compares categories")
    below = (_tree(nodes, node[side]) for side in ("left", "right"))
    return (int(node["feature_idx"]), float(node["num_threshold"]), *below)  # type: ignore[return-value]


def _probabilities(estimator: Any, rows: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(estimator.predict_proba(rows)[:, 1])


def score_of(estimator: Any, length: int) -> Score:
    """`Boosting` where it gives exactly what the estimator does for some sequences, else the estimator."""
    sequences = np.random.default_rng(0).normal(scale=100, size=(_MANY_ROWS - 1, length))
    rows = features(sequences)
    try:
        score = Boosting(estimator)
        if np.array_equal(score(rows), _probabilities(estimator, rows)):
            return score
    except Exception as error:  # noqa: BLE001 - another estimator, or another version's insides: both can predict
        print(f"the trees are left to scikit-learn: {error!r}", flush=True)
    return partial(_probabilities, estimator)


@dataclass(frozen=True)
class Model:
    """A loaded artifact.

    Attributes:
        score: the probability of a failure, shape (n,), for rows of features.
        length: how many values a sequence has.
        threshold: the probability from which on a sequence is called a failure.
    """

    score: Score
    length: int
    threshold: float

    def predict(self, rows: Sequence[Sequence[float]]) -> list[dict[str, Any]]:
        """Predictions for rows without defects."""
        values = np.array(rows, dtype=np.float64).reshape(-1, self.length)
        probabilities = self.score(features(values)).tolist()
        return [{"prediction": int(p >= self.threshold), "probability": p} for p in probabilities]


class Refusal:
    """An answer with a status of its own, for requests that no row of which can be read.

    The toolkit turns exceptions into status 500, but passes on what `output_fn` returns if that is a WSGI
    application; being one needs no web framework to be imported.
    """

    mimetype = "application/json"

    def __init__(self, status: str, message: str) -> None:
        self.status = status
        self.status_code = int(status.partition(" ")[0])
        self._body = json.dumps({"message": message}).encode()

    def get_data(self) -> bytes:
        """The body, JSON with the key `message`."""
        return self._body

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:  # noqa: ARG002
        """Answers as a WSGI application."""
        headers = [("Content-Type", self.mimetype), ("Content-Length", str(len(self._body)))]
        start_response(self.status, headers)
        return [self._body]


def model_fn(model_dir: str) -> Model:
    """Loads the artifact, and predicts once so that the first request is as quick as the others."""
    metadata = json.loads(Path(model_dir, "metadata.json").read_text())
    estimator = joblib.load(Path(model_dir, "model.joblib"))
    length = metadata["length"]
    model = Model(score_of(estimator, length), length, metadata["threshold"])
    model.predict([[0.0] * model.length])
    return model


def input_fn(request_body: str | bytes, request_content_type: str) -> list[Any] | Refusal:
    """The rows of a request, unjudged; a body that has none is refused."""
    mimetype = request_content_type.partition(";")[0].strip().lower()
    try:
        if mimetype == "application/json":
            return _json_rows(request_body)
        if mimetype == "text/csv":
            return _csv_rows(request_body)
    except (ValueError, RecursionError, csv.Error) as error:
        return Refusal("400 Bad Request", f"the body cannot be read as {mimetype}: {error}")
    return Refusal(
        "415 Unsupported Media Type", f"{mimetype} is not understood, send application/json or text/csv"
    )


def _json_rows(body: str | bytes) -> list[Any]:
    request = json.loads(body)
    rows = request.get("instances") if isinstance(request, dict) else None
    if not isinstance(rows, list):
        raise ValueError('it must be an object {"instances": [[number, ...], ...]}')  # noqa: TRY004
    return rows


def _csv_rows(body: str | bytes) -> list[Any]:
    text = body.decode() if isinstance(body, bytes) else body
    rows = [[_number(field) for field in fields] for fields in csv.reader(io.StringIO(text)) if fields]
    if not rows:
        raise ValueError("it has no rows")
    return rows


def _number(field: str) -> float | str:
    try:
        return float(field)
    except ValueError:
        return field


def predict_fn(rows: list[Any] | Refusal, model: Model) -> list[dict[str, Any]] | Refusal:
    """A prediction or an error for every row, in order."""
    if isinstance(rows, Refusal):
        return rows
    defects = [_defect(row, model.length) for row in rows]
    if not any(defects):
        return model.predict(rows) if rows else []
    good = [row for row, defect in zip(rows, defects, strict=True) if defect is None]
    predictions = iter(model.predict(good) if good else [])
    return [{"error": defect} if defect else next(predictions) for defect in defects]


def _defect(row: object, length: int) -> str | None:
    """What is wrong with a row, in a few words, or None."""
    if not isinstance(row, list):
        return "the sequence is not a list of numbers"
    if len(row) != length:
        return f"the model takes sequences of {length} values, this one has {len(row)}"
    if not _NUMBERS.issuperset(map(type, row)):
        position = next(index for index, value in enumerate(row) if type(value) not in _NUMBERS)
        return f"value {position + 1} of the sequence is not a number"
    try:
        finite = all(map(isfinite, row))
    except OverflowError:  # an integer past the largest float
        finite = False
    return None if finite else "the sequence holds a value that is not finite"


def output_fn(predictions: list[dict[str, Any]] | Refusal, accept: str) -> tuple[str, str] | Refusal:
    """The answer in the format that was asked for, JSON unless that is CSV."""
    if isinstance(predictions, Refusal):
        return predictions
    if accept.partition(";")[0].strip().lower() == "text/csv":
        return _csv_lines(predictions), "text/csv"
    return json.dumps({"predictions": predictions}), "application/json"


def _csv_lines(predictions: list[dict[str, Any]]) -> str:
    """`prediction,probability`, or `,,error` for a row that has none."""
    lines = io.StringIO()
    writer = csv.writer(lines, lineterminator="\n")
    for row in predictions:
        writer.writerow(["", "", row["error"]] if "error" in row else [row["prediction"], row["probability"]])
    return lines.getvalue()

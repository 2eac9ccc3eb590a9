"""Serves the model: the handlers that SageMaker's scikit-learn container calls for every request.

`POST /invocations` with `{"instances": [[n, ...], ...]}` answers `{"predictions": [{"prediction": 0 or 1,
"probability": p} or {"error": why}, ...]}`, in order; `text/csv` has a row per line, both ways. Each row is
judged by itself, so that a bad one never costs the others their prediction.

Nothing here needs pandas or allocates more than it must: one row is the usual request, and its latency is
what the whole pipeline waits for. Neither is scikit-learn loaded for it: the artifact has the trees.
"""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from functools import cached_property, lru_cache
from math import exp, isfinite, isnan, log
from pathlib import Path
from sys import float_info
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import NDArray

    Score = Callable[[NDArray[np.float64]], NDArray[np.float64]]
    #: A leaf's value; or a feature's position, its greatest value on the left, what is left and right, and
    #: whether a missing value goes left.
    Tree = float | list[Any]

#: Every pair of positions is compared up to this length (66 differences); beyond it only neighbours are.
PAIRWISE_LENGTH = 12

#: From so many rows on scikit-learn is asked: they take 20 ms to walk, and it takes a second to load, once.
MANY_ROWS = 1000
#: Of less, the odds against it are past the largest float.
_LEAST_LOG_ODDS = -log(float_info.max)

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


@dataclass(frozen=True)
class Estimator:
    """The estimator that scikit-learn fitted, loaded with scikit-learn when it is first asked."""

    path: Path

    def __call__(self, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        """Of rows of features, shape (n, k): the probability of a failure, shape (n,)."""
        return np.asarray(self._loaded.predict_proba(rows)[:, 1])

    @cached_property
    def _loaded(self) -> Any:
        import joblib  # for one row neither this nor what it loads is needed

        return joblib.load(self.path)


@dataclass(frozen=True)
class Boosting:
    """The probability of a failure by gradient boosting, without scikit-learn.

    `predict_proba` takes 0.4 ms for one row as for 25: validation, threads, and a call for each tree. Walking
    the same trees takes 10 microseconds a row, and adds the same values in the same order. Not to load
    scikit-learn saves a second of the start and 75 MB.

    Attributes:
        start: what the trees add to, in log-odds.
        trees: of the estimator, in its order.
        estimator: for many rows.
    """

    start: float
    trees: list[Tree]
    estimator: Score

    def __call__(self, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        """Of rows of features, shape (n, k): shape (n,)."""
        if len(rows) >= MANY_ROWS:
            return self.estimator(rows)
        return np.array([_probability(self._sum(row)) for row in rows.tolist()])

    def _sum(self, row: list[float]) -> float:
        total = self.start
        for tree in self.trees:
            node = tree
            while isinstance(node, list):
                feature, threshold, left, right, missing_left = node
                value = row[feature]
                node = left if value <= threshold or (missing_left and isnan(value)) else right
            total += node
        return total


def _probability(log_odds: float) -> float:
    """As scikit-learn computes it, to the last bit."""
    return 1 / (1 + exp(-log_odds)) if log_odds >= _LEAST_LOG_ODDS else 0.0


def score_of(directory: Path) -> Score:
    """What scores the rows of the model in a directory: its trees, if they were written down."""
    estimator, trees = Estimator(directory / "model.joblib"), directory / "trees.json"
    return Boosting(**json.loads(trees.read_text()), estimator=estimator) if trees.exists() else estimator


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
    directory = Path(model_dir)
    metadata = json.loads((directory / "metadata.json").read_text())
    model = Model(score_of(directory), metadata["length"], metadata["threshold"])
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

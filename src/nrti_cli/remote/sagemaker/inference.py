"""Serves the model: the handlers that SageMaker's scikit-learn container calls for every request.

`POST /invocations` with `{"instances": [[n, ...], ...]}` returns `{"predictions": [{"prediction": 0 or 1,
"probability": p} or {"error": why}, ...]}`, in order; `text/csv` has a row per line in both directions. Each
row is predicted by itself, so that a bad row does not affect the others.

There is no pandas and no unnecessary allocation: most requests have one row, and their latency is part of the
pipeline's. For the same reason scikit-learn is not loaded: the artifact has the trees.
"""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from functools import cached_property, lru_cache
from math import exp, isfinite, isinf, isnan, log
from pathlib import Path
from sys import float_info
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import NDArray

    Score = Callable[[NDArray[np.float64]], NDArray[np.float64]]
    #: The value of a leaf; or the position of a feature, its highest value on the left, the left and the
    #: right branch, and whether a missing value goes left.
    Tree = float | list[Any]

#: Up to this length, every pair of positions is compared (66 differences); beyond it, only neighbours.
_PAIRWISE_LENGTH = 12

#: From this number of rows on, scikit-learn is used: walking the trees takes 20 ms, loading it a second,
#: once.
MANY_ROWS = 1000
#: Below it, the odds against a failure exceed the largest float.
_LEAST_LOG_ODDS = -log(float_info.max)

#: The largest 32-bit float; forests compare such values.
_LARGEST = float(np.finfo(np.float32).max)

_NUMBERS = {int, float}


@lru_cache(maxsize=1)
def _compared(length: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The earlier and the later positions of the differences."""
    if length <= _PAIRWISE_LENGTH:
        earlier, later = np.triu_indices(length, 1)
        return earlier, later
    return np.arange(length - 1), np.arange(1, length)


def features(rows: NDArray[np.float64], channels: int = 0) -> NDArray[np.float64]:
    """The estimator's features: the values, and for each channel their differences and a summary.

    Differences help because a tree splits by one feature at a time, and would need many splits for `b - a >
    50`.

    Args:
        rows: sequences, shape (n, length); with several channels, time by time.
        channels: their number; 0 for flat sequences.

    Returns:
        Shape (n, k); for each channel k is at most 82 up to a length of 12, and 2 * length + 3 beyond.
    """
    if channels <= 1:
        return _seen(rows)
    return np.concatenate([_seen(rows[:, channel::channels]) for channel in range(channels)], axis=1)


def _seen(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    earlier, later = _compared(rows.shape[1])
    # The difference of very large values overflows; the estimator accepts infinities and NaN.
    with np.errstate(over="ignore", invalid="ignore"):
        differences = rows[:, later] - rows[:, earlier]
        return np.concatenate((rows, differences, *_summary(rows)), axis=1)


def _summary(rows: NDArray[np.float64]) -> Iterable[NDArray[np.float64]]:
    """Mean, deviation, minimum and maximum of the values that are not missing."""
    known = ~np.isnan(rows)
    if known.all():
        mean = rows.mean(axis=1, keepdims=True)
        deviation = np.sqrt(np.square(rows - mean).mean(axis=1, keepdims=True))
        return mean, deviation, rows.min(axis=1, keepdims=True), rows.max(axis=1, keepdims=True)
    count = known.sum(axis=1, keepdims=True)
    mean = np.where(known, rows, 0).sum(axis=1, keepdims=True) / count
    deviation = np.sqrt(np.where(known, np.square(rows - mean), 0).sum(axis=1, keepdims=True) / count)
    return mean, deviation, np.fmin.reduce(rows, 1, keepdims=True), np.fmax.reduce(rows, 1, keepdims=True)


def bounded(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Features without infinities, for scikit-learn's forests and regressions."""
    return np.clip(rows, -_LARGEST, _LARGEST)


@dataclass(frozen=True)
class Estimator:
    """The estimator that scikit-learn fitted; scikit-learn is loaded on first use."""

    path: Path

    def __call__(self, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        """The probability of a failure, shape (n,), for rows of features, shape (n, k)."""
        return np.asarray(self._loaded.predict_proba(bounded(rows))[:, 1])

    @cached_property
    def _loaded(self) -> Any:
        import joblib  # not needed for a single row

        return joblib.load(self.path)


@dataclass(frozen=True)
class Boosting:
    """The probability of a failure by gradient boosting, without scikit-learn.

    `predict_proba` takes 0.4 ms for one row as for 25: validation, threads, and a call for each tree. Walking
    the same trees takes 10 microseconds per row, and adds the same values in the same order. Not loading
    scikit-learn saves a second at the start and 75 MB.

    Attributes:
        start: the log-odds to which the trees add.
        trees: of the estimator, in order.
        estimator: for many rows.
    """

    start: float
    trees: list[Tree]
    estimator: Score

    def __call__(self, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        """For rows of features, shape (n, k): shape (n,)."""
        if len(rows) >= MANY_ROWS:
            return self.estimator(rows)
        return np.array([_probability(_sum(self.start, self.trees, row)) for row in rows.tolist()])


def _sum(start: float, trees: list[Tree], row: list[float]) -> float:
    """The sum of the trees for a row, rounded like scikit-learn's; Python's own `sum` is more exact."""
    total = start
    for tree in trees:
        node = tree
        while isinstance(node, list):
            feature, threshold, left, right, missing_left = node
            value = row[feature]
            node = left if value <= threshold or (missing_left and isnan(value)) else right
        total += node
    return total


@dataclass(frozen=True)
class Forest:
    """The probability of a failure by a random forest, without scikit-learn: the mean of its trees.

    Attributes:
        trees: of the estimator, in order.
        estimator: for many rows.
    """

    trees: list[Tree]
    estimator: Score

    def __call__(self, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        """For rows of features, shape (n, k): shape (n,)."""
        if len(rows) >= MANY_ROWS:
            return self.estimator(rows)
        # Its trees were grown on values of this precision.
        compared = bounded(rows).astype(np.float32).tolist()
        return np.array([_sum(0, self.trees, row) / len(self.trees) for row in compared])


@dataclass(frozen=True)
class Linear:
    """The probability of a failure by logistic regression.

    Attributes:
        start: the log-odds of a row of zeros.
        weights: of the features, shape (k,).
    """

    start: float
    weights: NDArray[np.float64]

    def __call__(self, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        """For rows of features, shape (n, k): shape (n,)."""
        return np.array([_probability(odds) for odds in (bounded(rows) @ self.weights + self.start).tolist()])


def _probability(log_odds: float) -> float:
    """The same computation as scikit-learn's, to the last bit."""
    return 1 / (1 + exp(-log_odds)) if log_odds >= _LEAST_LOG_ODDS else 0.0


def scorer(form: dict[str, Any], estimator: Score) -> Score:
    """The scoring function for an estimator's trees or weights, as `forms.py` writes them."""
    if form["kind"] == "linear":
        return Linear(form["start"], np.array(form["weights"]))
    if form["kind"] == "forest":
        return Forest(form["trees"], estimator)
    return Boosting(form["start"], form["trees"], estimator)


def score_of(directory: Path) -> Score:
    """The scoring function of the model in a directory; scikit-learn, if it has no other form."""
    estimator, form = Estimator(directory / "model.joblib"), directory / "scorer.json"
    return scorer(json.loads(form.read_text(encoding="utf-8")), estimator) if form.exists() else estimator


@dataclass(frozen=True)
class Model:
    """A loaded artifact.

    Attributes:
        score: returns the probability of a failure, shape (n,), for rows of features.
        length: total number of values in a sequence.
        threshold: sequences with this probability or a higher one are failures.
        channels: number of values for each time; 0 if sequences are flat.
        missing: whether values may be missing, as null.
    """

    score: Score
    length: int
    threshold: float
    channels: int = 0
    missing: bool = False

    def predict(self, rows: Sequence[Sequence[Any]]) -> list[dict[str, Any]]:
        """Predictions for valid rows."""
        flat = [_flat(row) for row in rows] if self.channels else rows
        values = np.array(flat, dtype=np.float64).reshape(-1, self.length)
        probabilities = self.score(features(values, self.channels)).tolist()
        return [{"prediction": int(p >= self.threshold), "probability": p} for p in probabilities]

    def defect(self, row: object) -> str | None:
        """A short description of what is wrong with a row, or None."""
        if not isinstance(row, list):
            return "the sequence is not a list of numbers"
        if self.channels and any(isinstance(moment, list) for moment in row):
            return self._misshaped(row) or self._unfit(_flat(row))
        if len(row) != self.length:
            return f"the model takes sequences of {self._shape} values, this one has {len(row)}"
        return self._unfit(row)

    @property
    def _shape(self) -> str:
        return f"{self.length // self.channels} x {self.channels}" if self.channels else f"{self.length}"

    def _misshaped(self, row: list[Any]) -> str | None:
        widths = {len(moment) if isinstance(moment, list) else 0 for moment in row}
        if (len(row), widths) == (self.length // self.channels, {self.channels}):
            return None
        found = " or ".join(map(str, sorted(widths)))
        return f"the model takes sequences of {self._shape} values, this one has {len(row)} x {found}"

    def _unfit(self, values: list[Any]) -> str | None:
        known = [value for value in values if value is not None] if self.missing else values
        if not _NUMBERS.issuperset(map(type, known)):
            wrong = (
                type(value) not in _NUMBERS and (value is not None or not self.missing) for value in values
            )
            return f"value {list(wrong).index(True) + 1} of the sequence is not a number"
        try:
            finite = all(map(isfinite, known)) or (self.missing and not any(map(isinf, known)))
        except OverflowError:  # an integer beyond the largest float
            finite = False
        return None if finite else "the sequence has a value that is not finite"


def _flat(row: Sequence[Any]) -> list[Any]:
    """The values of a sequence time by time, from a list for each time or a flat list as in CSV."""
    return [value for moment in row for value in (moment if isinstance(moment, list) else [moment])]


class Refusal:
    """A response with a status of its own, for requests that cannot be parsed.

    The toolkit turns exceptions into status 500, but returns the result of `output_fn` if that is a WSGI
    application; being one needs no web framework.
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
        """Responds as a WSGI application."""
        headers = [("Content-Type", self.mimetype), ("Content-Length", str(len(self._body)))]
        start_response(self.status, headers)
        return [self._body]


def model_fn(model_dir: str) -> Model:
    """Loads the artifact, and predicts once so that the first request is as fast as the others."""
    directory = Path(model_dir)
    metadata = json.loads((directory / "metadata.json").read_text(encoding="utf-8"))
    model = Model(
        score_of(directory),
        metadata["length"],
        metadata["threshold"],
        metadata.get("channels", 0),
        metadata.get("missing", False),
    )
    model.predict([[0.0] * model.length])
    return model


def input_fn(request_body: str | bytes, request_content_type: str) -> list[Any] | Refusal:
    """The rows of a request, not yet checked; a body without rows is refused."""
    mimetype = request_content_type.partition(";")[0].strip().lower()
    try:
        if mimetype == "application/json":
            return _json_rows(request_body)
        if mimetype == "text/csv":
            return _csv_rows(request_body)
    except (ValueError, RecursionError, csv.Error) as error:
        return Refusal("400 Bad Request", f"the body cannot be parsed as {mimetype}: {error}")
    return Refusal(
        "415 Unsupported Media Type", f"{mimetype} is not supported, send application/json or text/csv"
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


def _number(field: str) -> float | str | None:
    try:
        return float(field)
    except ValueError:
        return field or None


def predict_fn(rows: list[Any] | Refusal, model: Model) -> list[dict[str, Any]] | Refusal:
    """A prediction or an error for every row, in order."""
    if isinstance(rows, Refusal):
        return rows
    defects = [model.defect(row) for row in rows]
    if not any(defects):
        return model.predict(rows) if rows else []
    good = [row for row, defect in zip(rows, defects, strict=True) if defect is None]
    predictions = iter(model.predict(good) if good else [])
    return [{"error": defect} if defect else next(predictions) for defect in defects]


def output_fn(predictions: list[dict[str, Any]] | Refusal, accept: str) -> tuple[str, str] | Refusal:
    """The response in the requested format: JSON, or CSV."""
    if isinstance(predictions, Refusal):
        return predictions
    if accept.partition(";")[0].strip().lower() == "text/csv":
        return _csv_lines(predictions), "text/csv"
    return json.dumps({"predictions": predictions}), "application/json"


def _csv_lines(predictions: list[dict[str, Any]]) -> str:
    """`prediction,probability`, or `,,error` for a row without a prediction."""
    lines = io.StringIO()
    writer = csv.writer(lines, lineterminator="\n")
    for row in predictions:
        writer.writerow(["", "", row["error"]] if "error" in row else [row["prediction"], row["probability"]])
    return lines.getvalue()

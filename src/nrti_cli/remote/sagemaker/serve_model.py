"""Serves a model file: ONNX, XGBoost's JSON or UBJ, or scikit-learn's by joblib or skops.

`nrti deploy-model --model-file` packs it with the model as `code/inference.py`, for AWS's scikit-learn
container. Requests and responses are those of inference.py, `{"instances": [[n, ...], ...]}` and
`{"predictions": [{"prediction": ..., "probability": ...} or {"error": why}, ...]}`, or CSV. The prediction of
a model with several classes is a label; a regression returns only a `score`.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

JSON, CSV = "application/json", "text/csv"


@dataclass(frozen=True)
class Answers:
    """The model's results for rows; lists of one entry per row, None for what it does not return.

    Attributes:
        labels: the predicted labels.
        probabilities: of label 1 of two classes, or of the predicted label of more classes.
        scores: unbounded numbers.
    """

    labels: Any = None
    probabilities: Any = None
    scores: Any = None

    def entries(self, count: int) -> list[dict[str, Any]]:
        """An entry of the response for each row."""
        parts = {"prediction": self.labels, "probability": self.probabilities, "score": self.scores}
        columns = {name: np.asarray(values).tolist() for name, values in parts.items() if values is not None}
        return [{name: column[row] for name, column in columns.items()} for row in range(count)]


@dataclass(frozen=True)
class Model:
    """A loaded model.

    Attributes:
        ask: returns the results for rows, shape (n, length), or in the model's own shape.
        length: number of values in a row; None if unknown.
        flat: whether a row of several channels is flattened.
    """

    ask: Callable[[np.ndarray], Answers]
    length: int | None
    flat: bool = True

    def predict(self, rows: Sequence[Any]) -> list[dict[str, Any]]:
        """An entry for each row, in order; a row of another length does not affect the others."""
        arrays = [self._array(row) for row in rows]
        good = [array for array in arrays if isinstance(array, np.ndarray)]
        answers = iter(self.ask(np.stack(good)).entries(len(good)) if good else ())
        return [next(answers) if isinstance(array, np.ndarray) else {"error": array} for array in arrays]

    def _array(self, row: Any) -> np.ndarray | str:
        """A row as numbers, or what is wrong with it."""
        try:
            array = np.array(row, dtype=np.float64)
        except (TypeError, ValueError):
            return "the sequence is not a list of numbers"
        if array.ndim == 0 or not np.isfinite(array).all():
            return "the sequence has a value that is not finite"
        if self.length is not None and array.size != self.length:
            return f"the model takes sequences of {self.length} values, this one has {array.size}"
        return array.ravel() if self.flat else array


# ---- The formats ----


def _of_two(probabilities: np.ndarray, classes: Sequence[Any]) -> Answers:
    """Results from probabilities, shape (n, classes)."""
    labels = np.asarray(classes)[probabilities.argmax(axis=1)]
    if probabilities.shape[1] == 2 and set(np.asarray(classes).tolist()) <= {0, 1}:
        return Answers(labels.astype(int), probabilities[:, 1])
    return Answers(labels, probabilities.max(axis=1))


def _scikit_learn(estimator: Any) -> Model:
    def ask(rows: np.ndarray) -> Answers:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="X does not have valid feature names")
            if hasattr(estimator, "predict_proba"):
                return _of_two(estimator.predict_proba(rows), estimator.classes_)
            predicted = np.asarray(estimator.predict(rows))
            if getattr(estimator, "_estimator_type", "") == "outlier_detector" or hasattr(
                estimator, "offset_"
            ):
                return Answers((predicted == -1).astype(int), scores=-estimator.score_samples(rows))
        return Answers(predicted) if hasattr(estimator, "classes_") else Answers(scores=predicted.ravel())

    return Model(ask, getattr(estimator, "n_features_in_", None))


def _joblib(path: Path) -> Model:
    import joblib
    from sklearn.exceptions import InconsistentVersionWarning

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", InconsistentVersionWarning)
        model = joblib.load(path)
    for warning in (each.message for each in caught):
        if isinstance(warning, InconsistentVersionWarning):
            _check(warning.original_sklearn_version, warning.current_sklearn_version)
    return _scikit_learn(model)


def _check(made: str, here: str) -> None:
    """Checks the version: a pickled model loads in other patch releases, but not in other minor ones."""
    if made.split(".")[:2] != here.split(".")[:2]:
        raise ValueError(
            f"the model was made with scikit-learn {made}, but this is {here}: make it with {here}, "
            f"or pass --requirements with scikit-learn=={made}"
        )


def _skops(path: Path) -> Model:
    from skops import io

    allowed = path.with_name("trusted.json")
    trusted = json.loads(allowed.read_text(encoding="utf-8")) if allowed.exists() else []
    unknown = sorted(set(io.get_untrusted_types(file=path)) - set(trusted))
    if unknown:
        raise ValueError(
            f"types that are not trusted: {', '.join(unknown)}; name those that may be loaded with --trust"
        )
    return _scikit_learn(io.load(path, trusted=trusted))


def _xgboost(path: Path) -> Model:
    import xgboost

    booster = xgboost.Booster(model_file=path)
    booster.set_param({"nthread": 1})
    objective = json.loads(booster.save_config())["learner"]["objective"]["name"]

    def ask(rows: np.ndarray) -> Answers:
        output = booster.inplace_predict(rows)
        if objective == "binary:logistic":
            return Answers((output >= 0.5).astype(int), output)
        if objective == "multi:softprob":
            return _of_two(output, range(output.shape[1]))
        return (
            Answers(output.astype(int))
            if objective in {"multi:softmax", "binary:hinge"}
            else Answers(scores=output)
        )

    return Model(ask, booster.num_features())


def _onnx(path: Path) -> Model:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    (taken,) = session.get_inputs()
    kind = {"tensor(double)": np.float64, "tensor(int64)": np.int64}.get(taken.type, np.float32)
    inner = taken.shape[1:]
    known = all(isinstance(size, int) for size in inner)

    def ask(rows: np.ndarray) -> Answers:
        shaped = rows.reshape(len(rows), *inner) if known else rows
        return _of_outputs(session.run(None, {taken.name: shaped.astype(kind)}))

    return Model(ask, int(np.prod(inner)) if known else None, flat=len(inner) == 1)


def _of_outputs(outputs: Sequence[Any]) -> Answers:
    """Results from ONNX outputs: labels are integers or texts, probabilities a table or dictionaries."""
    labels, found = None, None
    for output in outputs:
        if isinstance(output, list):  # converted with a ZipMap
            classes = list(output[0])
            return _of_two(np.array([[row[name] for name in classes] for row in output]), classes)
        if output.dtype.kind in "iOU":
            labels = output.ravel()
        else:
            found = output if found is None else found
    if found is None:
        return Answers(labels)
    if found.ndim == 2 and found.shape[1] > 1:
        answers = _of_two(found, range(found.shape[1]))
        return answers if labels is None else Answers(labels, answers.probabilities)
    numbers = found.ravel()
    bounded = labels is None and bool(((numbers >= 0) & (numbers <= 1)).all())
    return Answers((numbers >= 0.5).astype(int), numbers) if bounded else Answers(labels, scores=numbers)


_LOADERS: dict[str, Callable[[Path], Model]] = {
    ".onnx": _onnx,
    ".json": _xgboost,
    ".ubj": _xgboost,
    ".joblib": _joblib,
    ".skops": _skops,
}
_NO_MODELS = {"metadata.json", "signature.json", "trusted.json"}

# ---- The handlers that the container calls ----


def model_fn(model_dir: str) -> Model:
    """Loads the model, and predicts once: a model that fails does not come into service."""
    (path,) = (
        path
        for path in Path(model_dir).iterdir()
        if path.suffix.lower() in _LOADERS and path.name not in _NO_MODELS
    )
    model = _LOADERS[path.suffix.lower()](path)
    if model.length and model.flat:
        model.ask(np.zeros((1, model.length)))
    return model


def input_fn(request_body: str | bytes, request_content_type: str) -> list[Any]:
    """The rows of a request."""
    text = request_body.decode() if isinstance(request_body, bytes) else request_body
    if request_content_type.partition(";")[0].strip().lower() == CSV:
        return [[float(number) for number in line.split(",")] for line in text.splitlines() if line.strip()]
    return list(json.loads(text)["instances"])


def predict_fn(rows: list[Any], model: Model) -> list[dict[str, Any]]:
    """An entry for each row, in order."""
    return model.predict(rows)


def output_fn(entries: list[dict[str, Any]], accept: str) -> tuple[str, str]:
    """The response in JSON, or in CSV if requested: the values of each entry."""
    if accept.partition(";")[0].strip().lower() == CSV:
        lines = (
            f",,{each['error']}" if "error" in each else ",".join(map(str, each.values())) for each in entries
        )
        return "".join(f"{line}\n" for line in lines), CSV
    return json.dumps({"predictions": entries}), JSON

"""Serves XGBoost models without a script, as AWS's XGBoost container does.

Accepts CSV or libsvm, and returns comma-separated predictions, whatever the Accept header.
"""

from __future__ import annotations

import csv
import io
import pickle
from pathlib import Path
from typing import Any

import numpy as np

try:
    import xgboost
except ImportError:
    raise ImportError(
        "AWS's XGBoost image has xgboost, but this Python does not: install nrti with its extra "
        "`xgboost`, or run pip install xgboost-cpu==3.2.0"
    ) from None

_CSV, _LIBSVM = "text/csv", frozenset({"text/libsvm", "text/x-libsvm"})


class Response:
    """A response with a status."""

    mimetype = "text/csv"

    def __init__(self, status: int, text: str) -> None:
        self.status_code = status
        self._text = text

    def get_data(self) -> bytes:
        """The body."""
        return self._text.encode()


def model_fn(model_dir: str) -> list[Any]:
    """Loads every file of the directory, pickled or saved by XGBoost, as an ensemble."""
    return [_loaded(path) for path in sorted(Path(model_dir).iterdir()) if path.is_file()]


def _loaded(path: Path) -> Any:
    try:
        booster = pickle.loads(path.read_bytes())  # noqa: S301 (as the container does)
    except Exception:  # noqa: BLE001 (a pickle may raise anything)
        booster = xgboost.Booster(model_file=path)
    booster.set_param({"nthread": 1})
    return booster


def transform_fn(boosters: list[Any], content: str | bytes, content_type: str, _accept: str) -> Response:
    """Returns the mean of the ensemble's predictions."""
    text = content.decode(errors="replace") if isinstance(content, bytes) else content
    if not text:
        return Response(204, "")
    try:
        rows = _rows(text.strip(), content_type.partition(";")[0].strip().lower())
    except ValueError as error:
        return Response(415, str(error))
    try:
        predictions = np.mean([each.predict(rows, validate_features=False) for each in boosters], axis=0)
    except ValueError as error:
        return Response(400, f"Unable to evaluate payload provided: {error}")
    return Response(200, ",".join(map(str, predictions.tolist())))


def _rows(text: str, content_type: str) -> Any:
    """Parses the rows of a request.

    Raises:
        ValueError: they cannot be parsed.
    """
    if content_type == _CSV:
        lines = list(csv.reader(io.StringIO(text)))
        return xgboost.DMatrix(np.array(lines, dtype=np.float32))
    if content_type in _LIBSVM:
        return xgboost.DMatrix(_sparse(text.splitlines()))
    raise ValueError(f"Content-type {content_type} is not supported.")


def _sparse(lines: list[str]) -> Any:
    from scipy.sparse import csr_matrix

    cells = [
        (row, *item.split(":")) for row, line in enumerate(lines) for item in line.split() if ":" in item
    ]
    rows, columns, values = zip(*cells, strict=True)
    return csr_matrix(([float(value) for value in values], (rows, [int(column) for column in columns])))

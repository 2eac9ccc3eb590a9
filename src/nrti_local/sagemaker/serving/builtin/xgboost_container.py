"""What AWS's XGBoost container serves a model with that brings no script of its own.

It takes CSV or libsvm, and answers with the predictions in CSV, separated by commas, whatever is accepted.
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
        "AWS's XGBoost image has xgboost, the Python of the embedded AWS has not: install nrti with its "
        "extra `xgboost`, or run pip install xgboost-cpu==3.2.0"
    ) from None

_CSV, _LIBSVM = "text/csv", frozenset({"text/libsvm", "text/x-libsvm"})


class Response:
    """An answer with a status of its own."""

    mimetype = "text/csv"

    def __init__(self, status: int, text: str) -> None:
        self.status_code = status
        self._text = text

    def get_data(self) -> bytes:
        """The body."""
        return self._text.encode()


def model_fn(model_dir: str) -> list[Any]:
    """Every file of the directory, pickled or saved by XGBoost: an ensemble, of which the mean counts."""
    return [_loaded(path) for path in sorted(Path(model_dir).iterdir()) if path.is_file()]


def _loaded(path: Path) -> Any:
    try:
        booster = pickle.loads(path.read_bytes())  # noqa: S301 (as the container does)
    except Exception:  # noqa: BLE001 (a pickle may raise anything)
        booster = xgboost.Booster(model_file=path)
    booster.set_param({"nthread": 1})
    return booster


def transform_fn(boosters: list[Any], content: str | bytes, content_type: str, _accept: str) -> Response:
    """An answer to a request."""
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
    """The rows of a request.

    Raises:
        ValueError: they cannot be read.
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

"""Reads what a model answers: by the signature that was declared, or by its form.

docs/models.md has the table of the forms. A row that cannot be read costs itself only.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import jmespath

from .signature import CSV, JSON_LINES, Signature

#: Characters of an answer that a dead letter shows.
EXCERPT = 200
_FORMS = "one prediction for each row in a form that docs/models.md lists"
_FAILURE, _NO_FAILURE = frozenset({"1", "true", "LABEL_1"}), frozenset({"0", "false", "LABEL_0"})
#: What a signature may locate.
_PLACES = ("label", "probability", "score")
_BINARY = _FAILURE | _NO_FAILURE
_INTEGER = re.compile(r"[-+]?\d+")
_LONGEST_LABEL = 64
_DEFAULT_THRESHOLD = 0.5


@dataclass(frozen=True)
class Verdict:
    """What a model says about one row.

    Attributes:
        prediction: 1 for a failure, else 0.
        probability: of a failure, 0 to 1; of the label if there is one; None if the model gives none.
        score: a number without bounds, None if the model gives none.
        label: of a model with other labels than 0 and 1, else None.
    """

    prediction: int
    probability: float | None = None
    score: float | None = None
    label: str | None = None


@dataclass(frozen=True)
class Refused:
    """The model refuses a row, in its own words."""

    reason: str


@dataclass(frozen=True)
class Unread:
    """A row's answer that cannot be read: what was expected, and what came."""

    reason: str


class Unreadable(Exception):  # noqa: N818 (it is caught and becomes a rejection)
    """An answer cannot be read; the text says what was expected."""


@dataclass(frozen=True)
class _Parts:
    """What an answer has about one row; a list of probabilities is that of all labels."""

    label: Any = None
    probability: Any = None
    score: Any = None


def read(
    signature: Signature, content_type: str, body: bytes, expected: int
) -> list[Verdict | Refused | Unread]:
    """What an answer says about each of the rows that were asked about, in their order.

    Args:
        signature: of the version of the model that answered.
        content_type: of the answer.
        body: the answer.
        expected: the number of rows.

    Raises:
        Unreadable: it has not got an entry for each row.
    """
    if signature.locates:
        rows = _located(signature, body, expected)
    else:
        rows = _recognised(content_type, body, expected)
    if len(rows) != expected:
        raise Unreadable(
            f"expected {_expected(signature)}, {expected} in all, and got {len(rows)}: {_excerpt(body)}"
        )
    return [_row(signature, row) for row in rows]


def _row(signature: Signature, row: Any) -> Verdict | Refused | Unread:
    if isinstance(row, dict) and "error" in row:
        return Refused(str(row["error"]))
    try:
        return _verdict(signature, row if isinstance(row, _Parts) else _parts(row))
    except (Unreadable, ValueError, TypeError, LookupError, OverflowError) as error:
        why = f" ({error})" if isinstance(error, Unreadable) else ""
        return Unread(f"expected {_expected(signature)}, and got{why}: {_excerpt(row)}")


def _expected(signature: Signature) -> str:
    if not signature.locates:
        return _FORMS
    places = {name: getattr(signature, name) for name in _PLACES}
    return f"{' and '.join(f'a {name} at {place}' for name, place in places.items() if place)} for each row"


def _excerpt(answer: Any) -> str:
    if isinstance(answer, _Parts):
        answer = {name: value for name, value in vars(answer).items() if value is not None}
    text = answer.decode(errors="replace") if isinstance(answer, bytes) else json.dumps(answer)
    return text[:EXCERPT]


# ---- Where the rows are ----


def _located(signature: Signature, body: bytes, expected: int) -> list[Any]:
    """The rows' parts, from where the signature says that they are."""
    try:
        columns = {
            name: _column(signature.accept, place, body, expected)
            for name in _PLACES
            if (place := getattr(signature, name))
        }
    except (ValueError, LookupError, jmespath.exceptions.JMESPathError) as error:
        raise Unreadable(f"expected {_expected(signature)}, and got: {_excerpt(body)}") from error
    if len({len(column) for column in columns.values()}) != 1:
        return []
    return [_Parts(**dict(zip(columns, row, strict=True))) for row in zip(*columns.values(), strict=True)]


def _column(accept: str, place: str, body: bytes, expected: int) -> list[Any]:
    """What an answer has at a place, for each row."""
    if accept == CSV:
        return [row[int(place)] for row in _csv(body)]
    if accept == JSON_LINES:
        return [jmespath.search(place, json.loads(line)) for line in body.splitlines() if line.strip()]
    found = jmespath.search(place, json.loads(body))
    # One row's own probabilities are a list as well.
    if expected == 1 and (not isinstance(found, list) or len(found) != 1):
        return [found]
    return found if isinstance(found, list) else []


def _recognised(content_type: str, body: bytes, expected: int) -> list[Any]:
    """The rows of an answer of a form that is known."""
    if content_type.partition(";")[0].strip().lower() == CSV:
        return _csv_rows(body, expected)
    try:
        return _json_rows(json.loads(body))
    except ValueError:
        pass
    try:
        return [json.loads(line) for line in body.splitlines() if line.strip()]
    except ValueError:
        return _csv_rows(body, expected)


def _json_rows(document: Any) -> list[Any]:
    if not isinstance(document, dict):
        return document if isinstance(document, list) else [document]
    for name in ("predictions", "scores"):
        if isinstance(document.get(name), list):
            return list(document[name])
    if isinstance(document.get("outputs"), list):
        return _tensor_rows(document["outputs"])
    return [document]


def _tensor_rows(outputs: Sequence[dict[str, Any]]) -> list[Any]:
    """The rows of KServe's protocol V2: integers are labels, floating-point numbers probabilities."""
    columns: dict[str, list[Any]] = {}
    for output in outputs:
        rows = output["shape"][0]
        data = list(_flat(output["data"]))
        width = len(data) // max(rows, 1)
        slices = [data[at * width : (at + 1) * width] for at in range(rows)]
        kind = "probability" if str(output.get("datatype", "FP64")).startswith("FP") else "label"
        columns[kind] = [values[0] if width == 1 else values for values in slices]
    if columns.keys() == {"label", "probability"}:
        pairs = zip(columns["label"], columns["probability"], strict=True)
        return [_Parts(label=label, probability=_of_failure(probability)) for label, probability in pairs]
    return next(iter(columns.values()), [])


def _of_failure(probability: Any) -> Any:
    return probability[1] if isinstance(probability, list) and len(probability) == 2 else probability


def _flat(data: Any) -> Iterator[Any]:
    return chain.from_iterable(map(_flat, data)) if isinstance(data, list) else iter([data])


def _csv(body: bytes) -> list[list[Any]]:
    lines = body.decode().split("\n")
    return [[_cell(cell.strip()) for cell in line.split(",")] for line in lines if line.strip()]


def _csv_rows(body: bytes, expected: int) -> list[Any]:
    try:
        rows = _csv(body)
    except UnicodeDecodeError as error:
        raise Unreadable(f"expected {_FORMS}, and got: {_excerpt(body)}") from error
    if len(rows) == 1 and expected > 1:
        return rows[0]  # XGBoost separates rows by commas
    return [_csv_row(row) for row in rows]


def _csv_row(row: list[Any]) -> Any:
    if len(row) > 2 and row[0] == row[1] == "":
        return {"error": ",".join(map(str, row[2:]))}
    if len(row) == 2 and isinstance(row[0], int | str):
        return _Parts(*row)
    return row


def _cell(text: str) -> Any:
    if _INTEGER.fullmatch(text):
        return int(text)
    try:
        return float(text)
    except ValueError:
        return text


# ---- What a row says ----


def _parts(row: Any) -> _Parts:
    """What an entry of an answer says, by its form."""
    if isinstance(row, dict):
        return _named_parts(row)
    if isinstance(row, bool | int | str):
        return _Parts(label=row)
    if isinstance(row, float):
        return _Parts(probability=row) if 0 <= row <= 1 else _Parts(score=row)
    if isinstance(row, list) and len(row) == 1:
        return _parts(row[0])
    if isinstance(row, list) and row and isinstance(row[0], dict):
        return _parts(max(row, key=lambda each: each["score"]))  # all labels of a row
    if isinstance(row, list) and row:
        return _Parts(probability=row)
    raise Unreadable("no prediction")


def _named_parts(row: dict[str, Any]) -> _Parts:
    if row.get("prediction") is not None:
        return _Parts(row["prediction"], row.get("probability"), row.get("score"))
    if "predicted_label" in row:
        return _labelled(row["predicted_label"], row.get("score"))
    if "label" in row:
        return _Parts(row["label"], _oriented(str(row["label"]), row.get("score")))
    if "score" in row:
        return _Parts(score=row["score"])
    raise Unreadable("neither prediction, predicted_label, label nor score")


def _labelled(label: Any, score: Any) -> _Parts:
    """Linear Learner's: the score is the probability of 1, or those of all labels."""
    if isinstance(score, list):
        return _Parts(label, score[int(label)])
    unbounded = isinstance(score, int | float) and not 0 <= score <= 1
    return _Parts(label, score=score) if unbounded else _Parts(label, score)


def _oriented(label: str, score: Any) -> Any:
    """The probability of a failure, of that of a label without one."""
    return 1 - score if score is not None and label in _NO_FAILURE else score


def _verdict(signature: Signature, parts: _Parts) -> Verdict:
    label, probability = parts.label, parts.probability
    if isinstance(probability, list):
        label, probability = _likeliest(signature, label, probability)
    probability = None if probability is None else _bounded(probability)
    score = None if parts.score is None else _finite(parts.score)
    value = score if probability is None else probability
    text = None if label is None else _text(label)
    binary = text is None or (not signature.failure_labels and text in _BINARY)
    if value is not None and binary and (text is None or signature.threshold is not None):
        prediction = value >= _threshold(signature, probability)
    elif text is not None:
        prediction = _is_failure(signature, text)
    else:
        raise Unreadable("no prediction")
    return Verdict(int(prediction), probability, score, None if binary else text)


def _likeliest(signature: Signature, label: Any, probabilities: list[Any]) -> tuple[Any, Any]:
    """Of the probabilities of all labels: the label and its probability; of two unnamed ones that of 1."""
    if len(probabilities) == 1:
        return label, probabilities[0]
    for probability in probabilities:
        _bounded(probability)
    headers, failures = signature.label_headers, signature.failure_labels
    if len(probabilities) == 2 and not headers and not failures:
        return label, probabilities[1]
    at = max(range(len(probabilities)), key=probabilities.__getitem__)
    return (headers[at] if headers else str(at)) if label is None else label, probabilities[at]


def _threshold(signature: Signature, probability: float | None) -> float:
    if signature.threshold is not None:
        return signature.threshold
    if probability is None:
        raise Unreadable("a score without bounds needs a threshold: publish the model with --threshold")
    return _DEFAULT_THRESHOLD


def _is_failure(signature: Signature, label: str) -> bool:
    if signature.failure_labels:
        return label in signature.failure_labels
    if label in _BINARY:
        return label in _FAILURE
    raise Unreadable(f"label {label!r}: publish the model with --failure-labels")


def _text(label: Any) -> str:
    if isinstance(label, float) and label.is_integer():
        label = int(label)
    text = str(label).lower() if isinstance(label, bool) else str(label)
    if not 0 < len(text) <= _LONGEST_LABEL:
        raise Unreadable(f"a label has 1 to {_LONGEST_LABEL} characters")
    return text


def _bounded(value: Any) -> float:
    if not 0 <= float(value) <= 1:
        raise Unreadable(f"{value} is no probability")
    return float(value)


def _finite(value: Any) -> float:
    if not math.isfinite(float(value)):
        raise Unreadable(f"{value} is no score")
    return float(value)

"""Reads a model's response: a verdict for each row.

A row that cannot be read does not affect the others.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from .answer_rows import Parts, Unreadable, excerpt, expectation, find_rows
from .signature import Signature

_FAILURE, _NO_FAILURE = frozenset({"1", "true", "LABEL_1"}), frozenset({"0", "false", "LABEL_0"})
_BINARY = _FAILURE | _NO_FAILURE
_LONGEST_LABEL = 64
_DEFAULT_THRESHOLD = 0.5


@dataclass(frozen=True)
class Verdict:
    """A model's prediction for one row.

    Attributes:
        prediction: 1 for a failure, else 0.
        probability: of a failure, or of `label` if it is set; 0 to 1, None if the model returns none.
        score: an unbounded number, None if the model returns none.
        label: the predicted label of a model whose labels are not 0 and 1, else None.
    """

    prediction: int
    probability: float | None = None
    score: float | None = None
    label: str | None = None


@dataclass(frozen=True)
class Refused:
    """The model rejected a row; the reason is the model's own message."""

    reason: str


@dataclass(frozen=True)
class Unread:
    """The entry of a row cannot be read; the reason says what was expected and what was received."""

    reason: str


def read_answer(
    signature: Signature, content_type: str, body: bytes, expected: int
) -> list[Verdict | Refused | Unread]:
    """Returns the model's verdict on each row that was sent, in the same order.

    The arguments and errors are those of `find_rows`.
    """
    return [_row(signature, row) for row in find_rows(signature, content_type, body, expected)]


def _row(signature: Signature, row: Any) -> Verdict | Refused | Unread:
    if isinstance(row, dict) and "error" in row:
        return Refused(str(row["error"]))
    try:
        return _verdict(signature, row if isinstance(row, Parts) else _parts(row))
    except (Unreadable, ValueError, TypeError, LookupError, OverflowError) as error:
        why = f" ({error})" if isinstance(error, Unreadable) else ""
        return Unread(f"expected {expectation(signature)}, and got{why}: {excerpt(row)}")


def _parts(row: Any) -> Parts:
    """The fields of an entry, recognised by its form."""
    if isinstance(row, dict):
        return _named_parts(row)
    if isinstance(row, bool | int | str):
        return Parts(label=row)
    if isinstance(row, float):
        return Parts(probability=row) if 0 <= row <= 1 else Parts(score=row)
    if isinstance(row, list) and len(row) == 1:
        return _parts(row[0])
    if isinstance(row, list) and row and isinstance(row[0], dict):
        return _parts(max(row, key=lambda each: each["score"]))  # all labels of a row
    if isinstance(row, list) and row:
        return Parts(probability=row)
    raise Unreadable("no prediction")


def _named_parts(row: dict[str, Any]) -> Parts:
    if row.get("prediction") is not None:
        return Parts(row["prediction"], row.get("probability"), row.get("score"))
    if "predicted_label" in row:
        return _labelled(row["predicted_label"], row.get("score"))
    if "label" in row:
        return Parts(row["label"], _oriented(str(row["label"]), row.get("score")))
    if "score" in row:
        return Parts(score=row["score"])
    raise Unreadable("neither prediction, predicted_label, label nor score")


def _labelled(label: Any, score: Any) -> Parts:
    """Linear Learner: the score is the probability of label 1, or a list with that of each label."""
    if isinstance(score, list):
        return Parts(label, score[int(label)])
    unbounded = isinstance(score, int | float) and not 0 <= score <= 1
    return Parts(label, score=score) if unbounded else Parts(label, score)


def _oriented(label: str, score: Any) -> Any:
    """Turns the probability of `label` into that of a failure."""
    return 1 - score if score is not None and label in _NO_FAILURE else score


def _verdict(signature: Signature, parts: Parts) -> Verdict:
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
    """The most probable label and its probability; of two unnamed labels, the probability of label 1."""
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
        raise Unreadable(f"{value} is not a probability")
    return float(value)


def _finite(value: Any) -> float:
    if not math.isfinite(float(value)):
        raise Unreadable(f"{value} is not a finite number")
    return float(value)

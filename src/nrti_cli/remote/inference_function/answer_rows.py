"""Finds the rows in a model's response: where the declared signature says, or by the response's form.

docs/models.md has the table of the forms.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import jmespath

from .signature import CSV, JSON_LINES, Signature

#: Characters of a response that a dead letter shows.
EXCERPT = 200
_FORMS = "one prediction for each row in a form that docs/models.md lists"
#: The fields of a prediction that a signature may locate.
_LOCATED = ("label", "probability", "score")
_INTEGER = re.compile(r"[-+]?\d+")


class Unreadable(Exception):  # noqa: N818 (it is caught and becomes a rejection)
    """A response cannot be read; the text says what was expected."""


@dataclass(frozen=True)
class Parts:
    """The fields of one row's prediction; a list of probabilities has one for each label."""

    label: Any = None
    probability: Any = None
    score: Any = None


def find_rows(signature: Signature, content_type: str, body: bytes, expected: int) -> list[Any]:
    """Returns one entry for each row that was sent, in the same order: `Parts`, or JSON values.

    Args:
        signature: of the model version that responded.
        content_type: of the response.
        body: the response.
        expected: the number of rows that were sent.

    Raises:
        Unreadable: the number of entries is not the number of rows.
    """
    if signature.locates:
        rows = _located(signature, body, expected)
    else:
        rows = _recognised(content_type, body, expected)
    if len(rows) != expected:
        raise Unreadable(
            f"expected {expectation(signature)}, {expected} in all, and got {len(rows)}: {excerpt(body)}"
        )
    return rows


def expectation(signature: Signature) -> str:
    """Describes the response that a signature requires, for error messages."""
    if not signature.locates:
        return _FORMS
    places = {name: getattr(signature, name) for name in _LOCATED}
    return f"{' and '.join(f'a {name} at {place}' for name, place in places.items() if place)} for each row"


def excerpt(answer: Any) -> str:
    """Returns the first characters of a response, or of one entry, for error messages."""
    if isinstance(answer, Parts):
        answer = {name: value for name, value in vars(answer).items() if value is not None}
    text = answer.decode(errors="replace") if isinstance(answer, bytes) else json.dumps(answer)
    return text[:EXCERPT]


def _located(signature: Signature, body: bytes, expected: int) -> list[Any]:
    """The fields of the rows, found where the signature locates them."""
    try:
        columns = {
            name: _column(signature.accept, place, body, expected)
            for name in _LOCATED
            if (place := getattr(signature, name))
        }
    except (ValueError, LookupError, jmespath.exceptions.JMESPathError) as error:
        raise Unreadable(f"expected {expectation(signature)}, and got: {excerpt(body)}") from error
    if len({len(column) for column in columns.values()}) != 1:
        return []
    return [Parts(**dict(zip(columns, row, strict=True))) for row in zip(*columns.values(), strict=True)]


def _column(accept: str, place: str, body: bytes, expected: int) -> list[Any]:
    """The value at one location, for each row."""
    if accept == CSV:
        return [row[int(place)] for row in _csv(body)]
    if accept == JSON_LINES:
        return [jmespath.search(place, json.loads(line)) for line in body.splitlines() if line.strip()]
    found = jmespath.search(place, json.loads(body))
    # The probabilities of a single row are a list, too.
    if expected == 1 and (not isinstance(found, list) or len(found) != 1):
        return [found]
    return found if isinstance(found, list) else []


def _recognised(content_type: str, body: bytes, expected: int) -> list[Any]:
    """The rows of a response in one of the known forms."""
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
    """The rows in KServe's protocol V2: integers are labels, floating-point numbers are probabilities."""
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
        return [Parts(label=label, probability=_of_failure(probability)) for label, probability in pairs]
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
        raise Unreadable(f"expected {_FORMS}, and got: {excerpt(body)}") from error
    if len(rows) == 1 and expected > 1:
        return rows[0]  # XGBoost separates rows by commas
    return [_csv_row(row) for row in rows]


def _csv_row(row: list[Any]) -> Any:
    if len(row) > 2 and row[0] == row[1] == "":
        return {"error": ",".join(map(str, row[2:]))}
    if len(row) == 2 and isinstance(row[0], int | str):
        return Parts(*row)
    return row


def _cell(text: str) -> Any:
    if _INTEGER.fullmatch(text):
        return int(text)
    try:
        return float(text)
    except ValueError:
        return text

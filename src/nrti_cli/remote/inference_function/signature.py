"""The format of a model's requests and responses, in the terms of SageMaker Clarify and batch transform.

A signature is declared when a model is published, and belongs to that version only. It is an object in the
artifacts bucket, since SageMaker's tags do not allow the brackets of a JMESPath.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, fields
from string import Template
from typing import Any

JSON, JSON_LINES, CSV = "application/json", "application/jsonlines", "text/csv"

_LISTS = {"failure_labels", "label_headers"}

#: A sequence: numbers, or lists of numbers of equal length (time x channels).
Row = Sequence[Any]


@dataclass(frozen=True)
class Signature:
    """The format of a model's requests and responses.

    Attributes:
        content_type: of the request: application/json, application/jsonlines or text/csv.
        accept: of the response, likewise.
        content_template: of a JSON request; `$records` stands for the rows, `$shape` for their shape.
        record_template: of a row in a JSON request; `$features` stands for its values.
        label: location of the predicted labels in the response: a JMESPath, or the index of a CSV column.
        probability: location of the probability of a failure, or of the probabilities of all labels.
        score: location of an unbounded score.
        threshold: rows with this probability or score, or a higher one, are failures.
        failure_labels: the labels that mean a failure; if empty, 1, true and LABEL_1.
        label_headers: the labels in the order of their probabilities; if empty, 0, 1, 2, …
    """

    content_type: str = JSON
    accept: str = JSON
    content_template: str = '{"instances": $records}'
    record_template: str = "$features"
    label: str = ""
    probability: str = ""
    score: str = ""
    threshold: float | None = None
    failure_labels: tuple[str, ...] = ()
    label_headers: tuple[str, ...] = ()

    @classmethod
    def of(cls, document: dict[str, Any]) -> Signature:
        """The signature in a JSON document; unknown fields are ignored."""
        known = {field.name for field in fields(cls)}
        given = {name: value for name, value in document.items() if name in known}
        lists: dict[str, Any] = {name: tuple(given[name]) for name in _LISTS & given.keys()}
        return cls(**(given | lists))

    @property
    def locates(self) -> bool:
        """Whether it locates the fields of a response; otherwise the response is recognised by its form."""
        return bool(self.label or self.probability or self.score)

    def asks_like(self, other: Signature) -> bool:
        """Whether both send the same requests."""
        return self._request == other._request

    @property
    def _request(self) -> tuple[str, ...]:
        return self.content_type, self.accept, self.content_template, self.record_template

    def request(self, rows: Sequence[Row]) -> bytes:
        """The request body for rows."""
        if self.content_type == CSV:
            return "".join(f"{','.join(map(repr, numbers(row)))}\n" for row in rows).encode()
        if self.content_type == JSON_LINES:
            return "".join(f"{self._record(row)}\n" for row in rows).encode()
        if self._request == _DEFAULT._request:
            return json.dumps({"instances": rows}).encode()
        records = f"[{', '.join(map(self._record, rows))}]"
        shape = json.dumps([len(rows), *_shape(rows[0])])
        return Template(self.content_template).safe_substitute(records=records, shape=shape).encode()

    def _record(self, row: Row) -> str:
        return Template(self.record_template).safe_substitute(features=json.dumps(row))


_DEFAULT = Signature()


def numbers(row: Row) -> Sequence[float]:
    """The values of a sequence in order, time by time."""
    return [number for channels in row for number in channels] if channels(row) else row


def channels(row: Row) -> int | None:
    """The number of channels of a sequence; None if it is flat."""
    return len(row[0]) if row and isinstance(row[0], list) else None


def _shape(row: Row) -> list[int]:
    width = channels(row)
    return [len(row)] if width is None else [len(row), width]

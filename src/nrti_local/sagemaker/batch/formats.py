"""The formats that batch transform's filters and its join can read: CSV, JSON lines and JSON."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from typing import Any

from nrti_local.sagemaker.batch.records import RecordError


@dataclass(frozen=True)
class Csv:
    """Lines of values; a record is a list of their texts."""

    def read(self, text: bytes) -> list[list[str]]:
        """The records of a body."""
        try:
            return list(csv.reader(io.StringIO(text.decode(), newline="")))
        except (UnicodeDecodeError, csv.Error) as error:
            raise RecordError(f"not CSV: {error}") from error

    def write(self, record: Any) -> bytes:
        """A line without its end; what a filter leaves of a record may be one value."""
        stream = io.StringIO()
        csv.writer(stream, lineterminator="").writerow(record if isinstance(record, list) else [record])
        return stream.getvalue().encode()

    def join(self, record: Any, answer: Any) -> Any:
        """The values of a record, and those of the model's answer to it."""
        return [*record, *answer]


@dataclass(frozen=True)
class Json:
    """JSON values: one a line, or one that is all of the body."""

    lines: bool

    def read(self, text: bytes) -> list[Any]:
        """The records of a body."""
        try:
            return [
                json.loads(part) for part in (text.splitlines() if self.lines else [text]) if part.strip()
            ]
        except ValueError as error:
            raise RecordError(f"not JSON: {error}") from error

    def write(self, record: Any) -> bytes:
        """A line without its end."""
        return json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode()

    def join(self, record: Any, answer: Any) -> Any:
        """A record with the model's answer to it in a member of its own, as SageMaker names it."""
        whole = record if isinstance(record, dict) else {"SageMakerInput": record}
        return {**whole, "SageMakerOutput": answer}


FORMATS: dict[str, Csv | Json] = {
    "text/csv": Csv(),
    "application/jsonlines": Json(lines=True),
    "application/json": Json(lines=False),
}


def named(content_type: str) -> Csv | Json | None:
    """The format of a content type; its parameters do not matter."""
    return FORMATS.get(content_type.partition(";")[0].strip().lower())

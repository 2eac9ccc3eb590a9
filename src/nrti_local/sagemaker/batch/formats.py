"""The formats that batch transform can filter and join: CSV, JSON lines and JSON."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from typing import Any

from nrti_local.sagemaker.batch.records import RecordError


@dataclass(frozen=True)
class Csv:
    """CSV; a record is a list of texts."""

    def read(self, text: bytes) -> list[list[str]]:
        """Returns the records of a body."""
        try:
            return list(csv.reader(io.StringIO(text.decode(), newline="")))
        except (UnicodeDecodeError, csv.Error) as error:
            raise RecordError(f"not CSV: {error}") from error

    def write(self, record: Any) -> bytes:
        """Returns a record, or a single value, as a line without its end."""
        stream = io.StringIO()
        csv.writer(stream, lineterminator="").writerow(record if isinstance(record, list) else [record])
        return stream.getvalue().encode()

    def join(self, record: Any, answer: Any) -> Any:
        """Returns the values of a record, followed by those of the answer."""
        return [*record, *answer]


@dataclass(frozen=True)
class Json:
    """JSON: one value per line, or a single value."""

    lines: bool

    def read(self, text: bytes) -> list[Any]:
        """Returns the records of a body."""
        try:
            return [
                json.loads(part) for part in (text.splitlines() if self.lines else [text]) if part.strip()
            ]
        except ValueError as error:
            raise RecordError(f"not JSON: {error}") from error

    def write(self, record: Any) -> bytes:
        """Returns a record as a line without its end."""
        return json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode()

    def join(self, record: Any, answer: Any) -> Any:
        """Returns a record with the answer as a further member, as on AWS."""
        whole = record if isinstance(record, dict) else {"SageMakerInput": record}
        return {**whole, "SageMakerOutput": answer}


FORMATS: dict[str, Csv | Json] = {
    "text/csv": Csv(),
    "application/jsonlines": Json(lines=True),
    "application/json": Json(lines=False),
}


def named(content_type: str) -> Csv | Json | None:
    """Returns the format of a content type, without regard to its parameters."""
    return FORMATS.get(content_type.partition(";")[0].strip().lower())

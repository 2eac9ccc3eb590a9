"""Events from JSON lines and CSV, one line at a time."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from nrti_cli.sequences import other_separator

#: Columns of a CSV file that are fields of the event. All others hold the numbers of the sequence.
_FIELDS = {
    "sensor": "sensor",
    "model": "model",
    "timestamp": "timestamp",
    "id": "event_id",
    "event_id": "event_id",
}
#: The label of training data; it is what the model is there to say, so it is not sent.
_LABEL = "event"

Numbered = tuple[int, dict[str, Any]]


class MalformedLineError(Exception):
    """A line that is not an event.

    Args:
        line: its number, from 1.
        problem: what is wrong with it.
    """

    def __init__(self, line: int, problem: str) -> None:
        super().__init__(f"line {line}: {problem}")


def json_lines(lines: Iterable[str]) -> Iterator[Numbered]:
    """One event a line, with the line's number; empty lines do not matter."""
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            event = json.loads(line, parse_constant=_no_number)
        except ValueError as error:
            raise MalformedLineError(number, f"not JSON ({error})") from error
        if not isinstance(event, dict):
            raise MalformedLineError(number, "not a JSON object")
        yield number, event


def csv_rows(lines: Iterable[str]) -> Iterator[Numbered]:
    """One event a row under a header, with the line's number."""
    reader = csv.reader(lines, strict=True)
    try:
        header = [name.strip() for name in next(reader, [])]
        if separator := other_separator(",".join(header)):
            raise MalformedLineError(
                1, f"columns are separated by {separator!r}; commas are wanted, and points in numbers"
            )
        if all(name in _FIELDS or name == _LABEL for name in header):
            raise MalformedLineError(1, "the header names no column with numbers of the sequence")
        for row in reader:
            if row:
                yield reader.line_num, _event(reader.line_num, header, row)
    except csv.Error as error:
        raise MalformedLineError(reader.line_num, f"not CSV ({error})") from error


def _event(line: int, header: list[str], row: list[str]) -> dict[str, Any]:
    if len(row) != len(header):
        raise MalformedLineError(line, f"{len(row)} values under {len(header)} columns")
    event: dict[str, Any] = {"data": []}
    for column, text in zip(header, row, strict=True):
        try:
            if column == "timestamp":
                event["timestamp"] = _milliseconds(text)
            elif column in _FIELDS:
                event[_FIELDS[column]] = text
            elif column != _LABEL:
                event["data"].append(number(text))
        except ValueError as error:
            raise MalformedLineError(line, f"column {column!r}: {error}") from error
    return event


def number(text: str) -> int | float:
    """A finite number, whole if it is written so.

    Raises:
        ValueError: it is none.
    """
    try:
        return int(text)
    except ValueError:
        pass
    try:
        value = float(text)
    except ValueError:
        raise ValueError(f"{text!r} is not a number") from None
    return value if math.isfinite(value) else _no_number(text)


def _no_number(text: str) -> float:
    raise ValueError(f"{text} is not a finite number")


#: As milliseconds this is March 1973, as seconds the year 5138: what is smaller is the latter.
_LEAST_MILLISECONDS = 100_000_000_000


def _milliseconds(text: str) -> int:
    """Epoch milliseconds, from the same as digits or from ISO 8601; a time without a zone is UTC."""
    if text.lstrip("-").isdigit():
        if 0 < int(text) < _LEAST_MILLISECONDS:
            raise ValueError(f"{text} looks like seconds; epoch milliseconds are wanted")
        return int(text)
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text!r} is neither epoch milliseconds nor ISO 8601") from None
    return round((time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp() * 1000)

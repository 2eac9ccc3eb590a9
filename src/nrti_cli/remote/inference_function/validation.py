"""Validates an event: the API is not the only way in, and JSON parsers differ in what they accept."""

from __future__ import annotations

import re
from typing import TypeGuard

#: The API does not accept `received_at`; redriven events have it.
_FIELDS = frozenset({"sensor", "model", "data", "timestamp", "event_id", "rescore", "received_at"})
_REQUIRED = ("sensor", "model", "data")
_TEXT = re.compile(r"[^\x00-\x1f\x7f\ud800-\udfff]{1,128}")
_MODEL = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9])*")
_ENDPOINT_CHARACTERS = 63
_MOST_NUMBERS = 2048
_LARGEST_NUMBER = 1e38
_LAST_MILLISECOND = 253_402_300_799_999


def defect(event: object, stack: str) -> str | None:
    """A short description of what is wrong with an event, or None."""
    if not isinstance(event, dict):
        return "an event is a JSON object"
    if unknown := sorted(set(event) - _FIELDS):
        return f"{unknown[0]!r} is not a field of an event"
    if missing := [name for name in _REQUIRED if name not in event]:
        return f"{missing[0]} is missing"
    return (
        _text_defect("sensor", event["sensor"])
        or _model_defect(event["model"], stack)
        or _data_defect(event["data"])
        or _time_defect("timestamp", event.get("timestamp", 0))
        or _time_defect("received_at", event.get("received_at", 0))
        or _text_defect("event_id", event.get("event_id", "-"))
        or (None if isinstance(event.get("rescore", False), bool) else "rescore must be true or false")
    )


def is_model_name(value: object) -> TypeGuard[str]:
    """Whether an endpoint could have this name, apart from its length."""
    return isinstance(value, str) and _MODEL.fullmatch(value) is not None


def _text_defect(name: str, value: object) -> str | None:
    if isinstance(value, str) and _TEXT.fullmatch(value):
        return None
    return f"{name} must be a text of 1 to 128 characters without control characters"


def _model_defect(value: object, stack: str) -> str | None:
    longest = _ENDPOINT_CHARACTERS - len(stack) - 1
    if is_model_name(value) and len(value) <= longest:
        return None
    return f"model must be a text of at most {longest} letters, digits and inner hyphens"


def _data_defect(value: object) -> str | None:
    if not isinstance(value, list) or not value:
        return f"data must be a list of 1 to {_MOST_NUMBERS} numbers, or of lists of numbers"
    if not isinstance(value[0], list):
        return _numbers_defect("data", value)
    width = len(value[0])
    if not width or any(not isinstance(row, list) or len(row) != width for row in value):
        return "the lists of data must be of equal length and not empty"
    if len(value) * width > _MOST_NUMBERS:
        return f"data has {len(value)} x {width} numbers, more than {_MOST_NUMBERS}"
    return next(filter(None, (_numbers_defect(f"data[{at}]", row) for at, row in enumerate(value))), None)


def _numbers_defect(name: str, values: list[object]) -> str | None:
    if len(values) > _MOST_NUMBERS:
        return f"data has {len(values)} numbers, more than {_MOST_NUMBERS}"
    for index, number in enumerate(values):
        if not _is_number(number) or not -_LARGEST_NUMBER <= number <= _LARGEST_NUMBER:
            return f"{name}[{index}] is not a number between -1e38 and 1e38"
    return None


def _time_defect(name: str, value: object) -> str | None:
    if _is_number(value) and 0 <= value <= _LAST_MILLISECOND and value == int(value):
        return None
    return f"{name} must be a whole number of milliseconds since 1970"


def _is_number(value: object) -> TypeGuard[float]:
    # Not isinstance: bool is a subclass of int. NaN passes here, but is not within the bounds.
    return type(value) in {int, float}

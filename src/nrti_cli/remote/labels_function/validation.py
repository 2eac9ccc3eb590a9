"""Validates a label, beyond what the API's schema can express."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

#: What a label may be about, by the fields beside `label`.
_FORMS = ({"event_id"}, {"sensor", "timestamp"}, {"sensor", "start", "end"})
_TEXT = re.compile(r"[^\x00-\x1f\x7f\ud800-\udfff]{1,128}")
_LAST_MILLISECOND = 253_402_300_799_999


def defect(label: object) -> str | None:
    """A short description of what is wrong with a label, or None."""
    if not isinstance(label, dict):
        return "a label is a JSON object"
    if label.keys() - {"label"} not in _FORMS or "label" not in label:
        return "a label has event_id, or sensor and timestamp, or sensor, start and end; and label"
    if not _is_whole(label["label"]) or label["label"] not in (0, 1):
        return "label must be 1 for a failure, or 0"
    return next(filter(None, (_defect(name, value) for name, value in label.items())), None) or _order(label)


def _defect(name: str, value: object) -> str | None:
    if name in ("event_id", "sensor"):
        if isinstance(value, str) and _TEXT.fullmatch(value):
            return None
        return f"{name} must be a text of 1 to 128 characters without control characters"
    if _is_whole(value):
        return None
    return f"{name} must be a whole number of milliseconds since 1970"


def _order(label: Mapping[str, Any]) -> str | None:
    return "end is before start" if label.get("end", 0) < label.get("start", 0) else None


def _is_whole(value: object) -> bool:
    # Not isinstance: bool is a subclass of int.
    return type(value) in {int, float} and 0 <= value <= _LAST_MILLISECOND and value == int(value)  # type: ignore[operator,call-overload]

"""The outcome of each event as JSON text, for the response to a waiting sender.

The workflow concatenates the texts of a request's pieces, and the API returns the result unchanged. It also
finds its status in it, by `"prediction":` and `"status":503`. An event cannot inject these, since quotes
within its texts are escaped.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .endpoints import Answer, Rejection

Outcome = dict[str, Any]

#: The fields of an event that an outcome repeats.
_FIELDS = ("event_id", "sensor", "model", "timestamp")
_MESSAGE_CHARACTERS = 200
#: Only causes that the event's sender can fix are reported; the others are for operators, in the dead
#: letters.
_MESSAGES = {
    429: "The model takes no more requests at present.",
    503: "The event could not be judged or stored.",
}
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def outcome(event: Any, answer: Answer, received_at: int, predicted_at: int) -> Outcome:
    """The outcome of an event: its prediction, or why it was dead-lettered."""
    if isinstance(answer, Rejection):
        return _rejected({} if answer.error == "InvalidEvent" else event, answer)
    verdict = {name: value for name, value in vars(answer.verdict).items() if value is not None}
    return {
        **_known(event),
        **verdict,
        "endpoint": answer.endpoint,
        "version": answer.version,
        "received_at": received_at,
        "predicted_at": answer.predicted_at or predicted_at,
    }


def text(outcomes: Iterable[Outcome], *, array: bool, first: bool, last: bool) -> str:
    """The outcomes of a piece: an object for a single event, else the piece's part of the array."""
    listed = ",".join(map(_encode, outcomes))
    if not array:
        return listed
    return ("[" if first else "") + listed + ("]" if last else ",")


def revised(piece: str, unstored: Sequence[Mapping[str, Any]], failure: Rejection) -> str:
    """The text of a piece when some of its events could not be stored."""
    listed = piece.strip("[],")  # an outcome begins and ends with a brace
    outcomes: list[Outcome] = json.loads(f"[{listed}]")
    lost = [_known(event) for event in unstored]
    final = (_rejected(each, failure) if _known(each) in lost else each for each in outcomes)
    return piece.replace(listed, ",".join(map(_encode, final)))


def _known(event: Mapping[str, Any]) -> Outcome:
    return {name: event[name] for name in _FIELDS if name in event}


def _rejected(event: Mapping[str, Any], rejection: Rejection) -> Outcome:
    return {
        **_known(event),
        "error": rejection.error,
        "message": _MESSAGES.get(rejection.status) or rejection.cause[:_MESSAGE_CHARACTERS],
        "status": rejection.status,
        "dead_lettered": True,
    }

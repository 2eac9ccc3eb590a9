"""What became of each event, as JSON text: the answer to a sender who waits for it.

The workflow strings the texts of a request's pieces together, and the API answers with them as they are. It
finds the status of its answer in them too, by `"prediction":` and `"status":503`. No event can put these
there, since the quotes within its texts are escaped.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .endpoints import Answer, Rejection

Outcome = dict[str, Any]

#: What an outcome repeats of its event; its sender knows the rest.
_FIELDS = ("event_id", "sensor", "model", "timestamp")
_MESSAGE_CHARACTERS = 200
#: What is wrong with an event is for its sender to know; other causes are for operators, in the dead letters.
_MESSAGES = {
    429: "The model takes no more requests at present.",
    503: "The event could not be judged or stored.",
}
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def outcome(event: Any, answer: Answer, received_at: int, predicted_at: int) -> Outcome:
    """What became of an event: its prediction, or why it lies in the dead letters."""
    if isinstance(answer, Rejection):
        return _rejected({} if answer.error == "InvalidEvent" else event, answer)
    said = {name: value for name, value in vars(answer.verdict).items() if value is not None}
    return {
        **_known(event),
        **said,
        "endpoint": answer.endpoint,
        "version": answer.version,
        "received_at": received_at,
        "predicted_at": answer.predicted_at or predicted_at,
    }


def text(outcomes: Iterable[Outcome], *, array: bool, first: bool, last: bool) -> str:
    """The outcomes of a piece: an object for a single event, else the piece's part of the array's text."""
    listed = ",".join(map(_encode, outcomes))
    if not array:
        return listed
    return ("[" if first else "") + listed + ("]" if last else ",")


def revised(piece: str, unstored: Sequence[Mapping[str, Any]], failure: Rejection) -> str:
    """A piece's text when some of its events could not be stored after all."""
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

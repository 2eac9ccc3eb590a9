"""The outcomes of events in the response of POST /predictions."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

#: A prediction, or the `error` and `message` of an event that is `dead_lettered`.
EventOutcome = Mapping[str, Any]


def read_outcomes(body: bytes) -> Sequence[EventOutcome]:
    """The outcomes in a response, in the order of the events.

    Returns:
        One for each event; or a single one, if the request was dead-lettered as a whole; or none, if the API
        did not accept it.
    """
    try:
        document = json.loads(body)
    except ValueError:
        return ()
    outcomes = document if isinstance(document, list) else [document]
    return outcomes if all(_is_outcome(each) for each in outcomes) else ()


def _is_outcome(document: object) -> bool:
    return isinstance(document, dict) and ("prediction" in document or document.get("dead_lettered") is True)


def is_judged(outcome: EventOutcome) -> bool:
    """Whether the event was scored and stored."""
    return "prediction" in outcome


def show_reason(outcome: EventOutcome) -> str:
    """Why an event was dead-lettered, as text."""
    return f"{outcome.get('error', '')}: {outcome.get('message', '')}"

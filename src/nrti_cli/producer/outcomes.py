"""What came of the events of a sender who waits: what the API answers to POST /predictions."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

#: A prediction, or an `error` with its `message` of an event that is `dead_lettered`.
Outcome = Mapping[str, Any]


def read_outcomes(body: bytes) -> Sequence[Outcome]:
    """The outcomes in an answer, in the order of the events.

    Returns:
        One for each event; or a single one for all, of a request that lies in the dead letters as a whole; or
        none, if the API has not taken the events.
    """
    try:
        told = json.loads(body)
    except ValueError:
        return ()
    outcomes = told if isinstance(told, list) else [told]
    return outcomes if all(_is_outcome(each) for each in outcomes) else ()


def _is_outcome(told: object) -> bool:
    return isinstance(told, dict) and ("prediction" in told or told.get("dead_lettered") is True)


def is_judged(outcome: Outcome) -> bool:
    """Whether the event has a prediction, and is stored."""
    return "prediction" in outcome


def show_reason(outcome: Outcome) -> str:
    """Why an event lies in the dead letters, as it is shown to people."""
    return f"{outcome.get('error', '')}: {outcome.get('message', '')}"

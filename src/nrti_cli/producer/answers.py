"""Prints the outcomes of events as JSON lines on stdout."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from itertools import cycle

from nrti_cli.events import Event
from nrti_cli.producer.client import Answer

#: Fields of a response to a whole request that do not belong to a single event.
_FIELDS = ("event_id", "sensor", "model", "timestamp")


def print_answers(events: Sequence[Event], answer: Answer) -> None:
    """Prints a line for each event, as the API returns it: its prediction, or why it was dead-lettered.

    Each line is flushed for programs that read along.

    Raises:
        BrokenPipeError: the reader has closed the pipe.
    """
    for event, outcome in zip(events, cycle(answer.outcomes), strict=False):
        known = {name: event[name] for name in _FIELDS if name in event}
        sys.stdout.write(json.dumps({**known, **outcome}) + "\n")
    sys.stdout.flush()

"""The answers to the events of a sender who waits, as data: JSON lines on stdout."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from itertools import cycle

from nrti_cli.events import Event
from nrti_cli.producer.client import Answer

#: What an answer to a whole request does not say of each of its events.
_FIELDS = ("event_id", "sensor", "model", "timestamp")


def print_answers(events: Sequence[Event], answer: Answer) -> None:
    """Prints a line for each event, as the API says it: its prediction, or why it is in the dead letters.

    Each line is flushed, since another program may be reading along.

    Raises:
        BrokenPipeError: the reader has gone.
    """
    for event, outcome in zip(events, cycle(answer.outcomes), strict=False):
        known = {name: event[name] for name in _FIELDS if name in event}
        sys.stdout.write(json.dumps({**known, **outcome}) + "\n")
    sys.stdout.flush()

"""Sends one event to POST /predictions, and interprets the response."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable
from dataclasses import dataclass

from nrti_cli.errors import NrtiError, UsageError
from nrti_cli.events import Event, defect
from nrti_cli.producer.client import Answer, HttpClient
from nrti_cli.producer.dispatch import encode, stamp
from nrti_cli.producer.outcomes import EventOutcome, is_judged, show_reason
from nrti_cli.producer.sender import Backoff, deliver
from nrti_cli.sequences import parse_number

_LATER = "run it again later; nrti status shows the cause"
#: What to do about a dead-lettered event, by the status of its outcome.
_PARKED = {422: "nrti redrive --dry-run shows it among the dead letters; correct it and send it again"}
_PARKED_OTHERWISE = "nrti redrive --dry-run shows why; nrti redrive processes it again"
#: What to do about a refused request, by the status of the response.
_REFUSED = {
    400: "correct the event",
    413: "send fewer numbers",
    415: "update nrti",
    403: "run nrti bootstrap, which repairs the API and its key",
    404: "run nrti bootstrap, which repairs the API",
    504: "the workflow continues: nrti tail --since 5m --no-follow shows whether the event was stored",
}


@dataclass(frozen=True)
class Prediction:
    """The prediction of an event.

    Attributes:
        outcome: the API's response, which has a `prediction`.
        seconds: from the first attempt to the response.
    """

    outcome: EventOutcome
    seconds: float


def read_values(texts: list[str]) -> list[int | float]:
    """The values of a sequence, separated by commas, blanks or line breaks, with or without brackets.

    Raises:
        UsageError: there is none, or one is not a number.
    """
    words = re.sub(r"[\[\],]", " ", " ".join(texts)).split()
    if not words:
        raise UsageError("there are no values", hint="write them as 12,80,9")
    try:
        return [parse_number(word) for word in words]
    except ValueError as error:
        raise UsageError(str(error), hint="write the sequence as 12,80,9") from error


def predict(url: str, key: str, event: Event, on_retry: Callable[[Answer], None]) -> Prediction:
    """Sends an event, with retries, and waits for its prediction.

    Args:
        url: of POST /predictions.
        key: the API key.
        event: with its sensor, model and data.
        on_retry: called with each response that leads to a retry.

    Raises:
        UsageError: the API would refuse the event.
        NrtiError: it was not scored; the message has the reason, and the hint says what to do.
    """
    if problem := defect(event):
        raise UsageError(f"the event is not valid: {problem}", hint="correct it")
    began = time.monotonic()
    answer = asyncio.run(_ask(url, key, stamp(event, time.time_ns() // 1_000_000), on_retry))
    return Prediction(_judged(answer), time.monotonic() - began)


async def _ask(url: str, key: str, event: Event, on_retry: Callable[[Answer], None]) -> Answer:
    client = HttpClient(url, key, 1, wait=True)
    try:
        return await deliver(client, encode(event).encode(), Backoff(), on_retry)
    finally:
        await client.close()


def _judged(answer: Answer) -> EventOutcome:
    if not answer.outcomes:
        raise NrtiError(f"the event was not scored: {answer}", hint=_REFUSED.get(answer.status, _LATER))
    outcome = answer.outcomes[0]
    if not is_judged(outcome):
        hint = _PARKED.get(answer.status, _PARKED_OTHERWISE)
        raise NrtiError(f"the event was not scored: {show_reason(outcome)}", hint=hint)
    return outcome

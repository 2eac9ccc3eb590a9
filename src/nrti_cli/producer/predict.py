"""One event to POST /predictions: the request of the producer, and what the answer means."""

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
from nrti_cli.producer.outcomes import Outcome, is_judged, show_reason
from nrti_cli.producer.sender import Backoff, deliver
from nrti_cli.sequences import parse_number

_LATER = "run it again later; nrti status shows what is the matter"
#: What to do about an event that lies in the dead letters, by the status of its outcome.
_PARKED = {422: "nrti redrive --dry-run shows it among the dead letters; correct it and send it anew"}
_PARKED_OTHERWISE = "nrti redrive --dry-run shows why; nrti redrive sends it through again"
#: What to do about a request that the API has not taken, by the status of the answer.
_REFUSED = {
    400: "correct the event",
    413: "send fewer numbers",
    415: "update nrti",
    403: "run nrti bootstrap, which repairs the API and its key",
    404: "run nrti bootstrap, which repairs the API",
    504: "the workflow goes on: nrti tail --since 5m --no-follow shows whether the event was stored",
}


@dataclass(frozen=True)
class Prediction:
    """What came of an event.

    Attributes:
        outcome: the API's answer; it has a `prediction`.
        seconds: from the first attempt to the answer.
    """

    outcome: Outcome
    seconds: float


def read_values(texts: list[str]) -> list[int | float]:
    """The numbers of a sequence, separated by commas, blanks or line breaks; brackets around them may be.

    Raises:
        UsageError: there is none, or one is not a number.
    """
    words = re.sub(r"[\[\],]", " ", " ".join(texts)).split()
    if not words:
        raise UsageError("there are no numbers to judge", hint="write them as 12,80,9")
    try:
        return [parse_number(word) for word in words]
    except ValueError as error:
        raise UsageError(str(error), hint="write the sequence as 12,80,9") from error


def predict(url: str, key: str, event: Event, on_retry: Callable[[Answer], None]) -> Prediction:
    """Sends an event, again if need be, and waits for its prediction.

    Args:
        url: of POST /predictions.
        key: the API key.
        event: with its sensor, model and data.
        on_retry: hears of each answer after which the event is sent again.

    Raises:
        UsageError: the API would refuse the event as it is.
        NrtiError: it was not judged; the message has the reason, the hint what to do.
    """
    if problem := defect(event):
        raise UsageError(f"this is no event: {problem}", hint="correct it")
    began = time.monotonic()
    answer = asyncio.run(_ask(url, key, stamp(event, time.time_ns() // 1_000_000), on_retry))
    return Prediction(_judged(answer), time.monotonic() - began)


async def _ask(url: str, key: str, event: Event, on_retry: Callable[[Answer], None]) -> Answer:
    client = HttpClient(url, key, 1, wait=True)
    try:
        return await deliver(client, encode(event).encode(), Backoff(), on_retry)
    finally:
        await client.close()


def _judged(answer: Answer) -> Outcome:
    if not answer.outcomes:
        raise NrtiError(f"the event was not judged: {answer}", hint=_REFUSED.get(answer.status, _LATER))
    outcome = answer.outcomes[0]
    if not is_judged(outcome):
        hint = _PARKED.get(answer.status, _PARKED_OTHERWISE)
        raise NrtiError(f"the event was not judged: {show_reason(outcome)}", hint=hint)
    return outcome

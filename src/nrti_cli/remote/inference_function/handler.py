"""Scores the events of a request, and returns what to store and what to reject.

The state machine calls it with a position in the request's events, and again with the position that it
returns as `next`, because the results of 25 long events exceed the 256 KiB of a state. The result:

    {"pending": {"RequestItems": {table: [{"PutRequest": ...}, ...]}}, "has_items": bool,
     "rejected": [{"body": dead letter, "attributes": SQS attributes}, ...], "has_rejected": bool,
     "predictions": the outcome of each event, as text; see outcomes.py, "next": int or None,
     "shadowed": {"whole": whether this piece is the whole request, and all of its events are valid}, if a
     shadow has to score the request as well, see shadow.py; else it is left out}

Temporary failures are raised as EndpointBusy or EndpointUnavailable, and the state machine retries. After the
last retry it calls with `lenient`: then such events are rejected, and the others are stored. Items that could
not be stored are passed as `unstored`, and become dead letters. Late in an execution, OutOfTime is raised:
see deadline.py.
With `trial`, the function only tests an endpoint for `nrti deploy-model`; see trial.py.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

from botocore.config import Config
from botocore.session import Session

from .deadline import in_time
from .direct import Direct
from .endpoints import Answer, Models, Rejection
from .former import Former
from .outcomes import outcome, revised, text
from .records import Record, Request, batch, end_of_batch, event_of, new_items
from .shadows import Shadows
from .trial import trial
from .validation import defect, is_model_name
from .variants import Variants

Payload = Mapping[str, Any]


_INVALID = "InvalidEvent"
#: Errors that reject an event although it is valid.
_FAULTS_OF_A_MODEL = {"BadAnswer", "EndpointBusy", "EndpointUnavailable", "ModelError"}
#: Timeout in seconds. The state machine does the retries: two attempts, one of them direct, fit into the
#: function's 30 seconds.
_CONNECT_TIMEOUT, _READ_TIMEOUT = 2, 12
#: The same for the lookup of shadows, which a waiting sender must not notice.
_SHADOWS_TIMEOUT = 1

#: Days until a prediction is deleted; 0 keeps it.
RETENTION_DAYS = int(os.environ.get("RETENTION_DAYS", "0"))


@cache
def clients() -> tuple[Models, Former, Shadows]:
    """The models, the stored predictions and the shadows of the stack that the environment names."""
    config = Config(
        connect_timeout=_CONNECT_TIMEOUT,
        read_timeout=_READ_TIMEOUT,
        retries={"mode": "standard", "total_max_attempts": 1},
        max_pool_connections=25,
    )
    session, bucket = Session(), os.environ["ARTIFACTS"]
    client: Any = session.create_client  # the clients of boto3, which takes as long again to load
    runtime = client("sagemaker-runtime", config=config)
    credentials = session.get_credentials()
    direct = Direct(runtime, credentials, _READ_TIMEOUT) if credentials else None
    s3 = cache(partial(client, "s3", config=config))
    variants = Variants(cache(partial(client, "sagemaker", config=config)), s3, bucket)
    models = Models(runtime, os.environ["STACK"], variants, direct)
    former = Former(cache(partial(client, "dynamodb")), os.environ["TABLE"])
    quick = config.merge(Config(connect_timeout=_SHADOWS_TIMEOUT, read_timeout=_SHADOWS_TIMEOUT))
    return models, former, Shadows(cache(partial(client, "s3", config=quick)), bucket)


def handler(payload: Payload, context: object) -> dict[str, Any]:  # noqa: ARG001 (Lambda passes it)
    """The entry point, called by Lambda."""
    if "trial" in payload:
        return trial(clients()[0], payload["trial"])
    payload = in_time(payload)
    started = time.perf_counter()
    table = os.environ["TABLE"]
    answer = give_back(payload, table) if "unstored" in payload else judge(payload, *clients())
    line: dict[str, Any] = {
        "request_id": payload["request_id"],
        "items": len(answer["pending"]["RequestItems"][table]),
        "rejected": [letter["body"]["error"] for letter in answer["rejected"]],
        "lenient": payload.get("lenient", False),
        "next": answer["next"],
        "milliseconds": round(1000 * (time.perf_counter() - started), 1),
    }
    if failing := _failing(answer["rejected"]):
        line["failing_models"] = failing  # `nrti status` searches for it
    print(json.dumps(line))
    return answer


def _failing(letters: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """The models that caused rejections, each with the error."""
    errors = [(letter["attributes"], letter["body"]["error"]) for letter in letters]
    return {
        attributes["model"]["StringValue"]: error
        for attributes, error in errors
        if error in _FAULTS_OF_A_MODEL and "model" in attributes
    }


@dataclass(frozen=True)
class Piece:
    """The events of a request that one result has space for.

    Attributes:
        events: by their positions in the request.
        array: whether the request is an array; the API also accepts a single event.
        first: whether it begins with the request's first event.
        following: the position of the next piece; None after the last one.
    """

    events: Mapping[int, Any]
    array: bool
    first: bool
    following: int | None


def piece_of(payload: Payload) -> Piece:
    """The events from `position` on; all of them if they are known to be one piece (`whole`)."""
    array, start = isinstance(payload["events"], list), payload["position"]
    sent = payload["events"] if array else [payload["events"]]
    end = len(sent) if payload.get("whole") else end_of_batch(sent, start)
    following = end if end < len(sent) else None
    return Piece(dict(enumerate(sent[start:end], start)), array, start == 0, following)


def judge(payload: Payload, models: Models, former: Former, shadows: Shadows) -> dict[str, Any]:
    """Scores the events from `position` on, independently of each other.

    Raises:
        EndpointBusy: a later attempt may succeed; not raised if `lenient`.
        EndpointUnavailable: likewise.
    """
    request = Request(payload["request_id"], payload["received_at"])
    piece = piece_of(payload)
    judged = former.keep(_judged(request, models, piece.events, lenient=payload["lenient"]))
    now = time.time_ns() // 1_000_000
    items = new_items(judged, request.received_at, now, RETENTION_DAYS)
    letters = request.dead_letters(
        (event, answer) for event, answer in judged if isinstance(answer, Rejection)
    )
    outcomes = [outcome(event, answer, request.received_at, now) for event, answer in judged]
    last = piece.following is None
    predictions = text(outcomes, array=piece.array, first=piece.first, last=last)
    shadowed = last and shadows.any_of(_models_of(payload["events"]))
    answer = batch(former.table, items, letters, predictions, piece.following)
    whole = piece.first and not any(_is_invalid(judgement) for _, judgement in judged)
    return answer | {"shadowed": {"whole": whole}} if shadowed else answer


def _is_invalid(answer: Answer) -> bool:
    return isinstance(answer, Rejection) and answer.error == _INVALID


def _models_of(sent: Any) -> set[str]:
    """The models that a request names, also of events that are wrong."""
    events = sent if isinstance(sent, list) else [sent]
    named = (event.get("model") for event in events if isinstance(event, dict))
    return {model for model in named if is_model_name(model)}


def _judged(
    request: Request, models: Models, piece: Mapping[int, Any], *, lenient: bool
) -> list[tuple[Any, Answer]]:
    """Completed events with their results, in order; `piece` has them by position."""
    wrong = {position: found for position, event in piece.items() if (found := defect(event, models.stack))}
    sound = {
        position: request.complete(event, position)
        for position, event in piece.items()
        if position not in wrong
    }
    answers = ask(models, sound, lenient=lenient)
    answers |= {position: Rejection(_INVALID, why, 422) for position, why in wrong.items()}
    return [(sound.get(position, event), answers[position]) for position, event in piece.items()]


def ask(models: Models, events: Mapping[int, Record], *, lenient: bool) -> dict[int, Answer]:
    """The models' results for their events, by the events' positions.

    Raises:
        EndpointBusy: a later attempt may succeed; not raised if `lenient`.
        EndpointUnavailable: likewise.
    """
    by_model: dict[str, list[int]] = {}
    for position, event in events.items():
        by_model.setdefault(event["model"], []).append(position)

    def of(model: str) -> list[tuple[int, Answer]]:
        rows = [events[position]["data"] for position in by_model[model]]
        return list(zip(by_model[model], models.judge(model, rows, lenient=lenient), strict=True))

    if len(by_model) < 2:
        return dict(pair for model in by_model for pair in of(model))
    with ThreadPoolExecutor(len(by_model)) as pool:
        return dict(pair for pairs in pool.map(of, by_model) for pair in pairs)


def give_back(payload: Payload, table: str) -> dict[str, Any]:
    """Turns items that could not be stored into dead letters, in addition to those of the batch."""
    request = Request(payload["request_id"], payload["received_at"])
    failure = Rejection(payload["failure"]["Error"], payload["failure"]["Cause"])
    unstored = [event_of(put["PutRequest"]["Item"]) for puts in payload["unstored"].values() for put in puts]
    letters = request.dead_letters((event, failure) for event in unstored)
    # An execution that started before an update of the stack has no predictions.
    predictions = revised(payload.get("predictions", ""), unstored, failure)
    return batch(table, [], [*payload["rejected"], *letters], predictions, payload["next"])

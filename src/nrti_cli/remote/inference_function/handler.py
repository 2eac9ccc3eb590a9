"""Scores the events of a request, and returns what to store and what to reject.

The state machine calls it with a position in the request's events, and again with the position that it
returns as `next`, because the results of 25 long events exceed the 256 KiB of a state. The result:

    {"pending": {"RequestItems": {table: [{"PutRequest": ...}, ...]}}, "has_items": bool,
     "rejected": [{"body": dead letter, "attributes": SQS attributes}, ...], "has_rejected": bool,
     "predictions": the outcome of each event, as text; see outcomes.py, "next": int or None}

Temporary failures are raised as EndpointBusy or EndpointUnavailable, and the state machine retries. After the
last retry it calls with `lenient`: then such events are rejected, and the others are stored. Items that could
not be stored are passed as `unstored`, and become dead letters.
With `trial`, the function only tests an endpoint for `nrti deploy-model`; see trial.py.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial
from typing import Any

import boto3
from botocore.config import Config

from .direct import Direct
from .endpoints import Answer, Judgement, Models, Rejection
from .former import Former
from .outcomes import outcome, revised, text
from .records import Record, Request, batch, end_of_batch, event_of, item
from .trial import trial
from .validation import defect
from .variants import Variants

Payload = Mapping[str, Any]


#: Errors that reject an event although it is valid.
_FAULTS_OF_A_MODEL = {"BadAnswer", "EndpointBusy", "EndpointUnavailable", "ModelError"}
#: Timeout in seconds. The state machine does the retries: two attempts, one of them direct, fit into the
#: function's 30 seconds.
_CONNECT_TIMEOUT, _READ_TIMEOUT = 2, 12

#: Days until a prediction is deleted; 0 keeps it.
_RETENTION_DAYS = int(os.environ.get("RETENTION_DAYS", "0"))


@cache
def _models() -> Models:
    config = Config(
        connect_timeout=_CONNECT_TIMEOUT,
        read_timeout=_READ_TIMEOUT,
        retries={"mode": "standard", "total_max_attempts": 1},
        max_pool_connections=25,
    )
    session = boto3.Session()
    runtime = session.client("sagemaker-runtime", config=config)
    credentials = session.get_credentials()
    direct = Direct(runtime, credentials, _READ_TIMEOUT) if credentials else None
    variants = Variants(
        cache(partial(session.client, "sagemaker", config=config)),
        cache(partial(session.client, "s3", config=config)),
        os.environ["ARTIFACTS"],
    )
    return Models(runtime, os.environ["STACK"], variants, direct)


@cache
def _former() -> Former:
    return Former(cache(partial(boto3.client, "dynamodb")), os.environ["TABLE"])


def handler(payload: Payload, context: object) -> dict[str, Any]:  # noqa: ARG001 (Lambda passes it)
    """The entry point, called by Lambda."""
    if "trial" in payload:
        return trial(_models(), payload["trial"])
    started = time.perf_counter()
    table = os.environ["TABLE"]
    answer = give_back(payload, table) if "unstored" in payload else judge(payload, _models(), _former())
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


def judge(payload: Payload, models: Models, former: Former) -> dict[str, Any]:
    """Scores the events from `position` on, independently of each other.

    Raises:
        EndpointBusy: a later attempt may succeed; not raised if `lenient`.
        EndpointUnavailable: likewise.
    """
    request = Request(payload["request_id"], payload["received_at"])
    # The API accepts one event or an array; one event is a batch of one.
    array = isinstance(payload["events"], list)
    sent = payload["events"] if array else [payload["events"]]
    start = payload["position"]
    end = end_of_batch(sent, start)
    judged = _judged(request, models, dict(enumerate(sent[start:end], start)), lenient=payload["lenient"])
    judged = former.keep(judged)
    now = time.time_ns() // 1_000_000
    items = [
        item(event, answer, request.received_at, now, _RETENTION_DAYS)
        for event, answer in judged
        if isinstance(answer, Judgement) and answer.predicted_at is None
    ]
    letters = request.dead_letters(
        (event, answer) for event, answer in judged if isinstance(answer, Rejection)
    )
    outcomes = [outcome(event, answer, request.received_at, now) for event, answer in judged]
    predictions = text(outcomes, array=array, first=start == 0, last=end == len(sent))
    return batch(former.table, items, letters, predictions, end if end < len(sent) else None)


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
    answers = _ask(models, sound, lenient=lenient)
    answers |= {position: Rejection("InvalidEvent", why, 422) for position, why in wrong.items()}
    return [(sound.get(position, event), answers[position]) for position, event in piece.items()]


def _ask(models: Models, events: Mapping[int, Record], *, lenient: bool) -> dict[int, Answer]:
    """The model's results for its events, by the events' positions."""
    by_model: dict[str, list[int]] = {}
    for position, event in events.items():
        by_model.setdefault(event["model"], []).append(position)

    def ask(model: str) -> list[tuple[int, Answer]]:
        rows = [events[position]["data"] for position in by_model[model]]
        return list(zip(by_model[model], models.judge(model, rows, lenient=lenient), strict=True))

    if len(by_model) < 2:
        return dict(pair for model in by_model for pair in ask(model))
    with ThreadPoolExecutor(len(by_model)) as pool:
        return dict(pair for pairs in pool.map(ask, by_model) for pair in pairs)


def give_back(payload: Payload, table: str) -> dict[str, Any]:
    """Turns items that could not be stored into dead letters, in addition to those of the batch."""
    request = Request(payload["request_id"], payload["received_at"])
    failure = Rejection(payload["failure"]["Error"], payload["failure"]["Cause"])
    unstored = [event_of(put["PutRequest"]["Item"]) for puts in payload["unstored"].values() for put in puts]
    letters = request.dead_letters((event, failure) for event in unstored)
    # An execution that started before an update of the stack has no predictions.
    predictions = revised(payload.get("predictions", ""), unstored, failure)
    return batch(table, [], [*payload["rejected"], *letters], predictions, payload["next"])

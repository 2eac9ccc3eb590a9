"""What the workflow of the labels goes through."""

from __future__ import annotations

from typing import Any

from tests.unit.scenarios.scenario import (
    FAILED,
    LETTER,
    NO_BUCKET,
    NO_QUEUE,
    SENT,
    TOO_LARGE,
    Answer,
    Scenario,
    result,
    slow,
    without,
)

REQUEST = {"request_id": "q", "received_at": 7, "labels": [{"event_id": "e", "label": 1}]}
RECORDED = {"recorded": 1, "rejected": [], "has_rejected": False}
REJECTED = {"recorded": 0, "rejected": [LETTER, LETTER], "has_rejected": True}
_PARKED = {"MessageId": "m"}


def _of_labels(infer: list[Answer], calls: str, output: Any, **answers: list[Answer]) -> Scenario:
    return Scenario(REQUEST, infer, calls, output, **answers, machine="labels")


def _redriven(infer: list[Answer], calls: str, output: Any) -> Scenario:
    return Scenario({**REQUEST, "redrive": True}, infer, calls, output, machine="labels")


def _answered(batch: dict[str, Any]) -> dict[str, Any]:
    return {"answer": {"batch": batch}}


LABELS = {
    "labels": _of_labels([result(RECORDED)], "i", _answered(RECORDED)),
    "labels that are recorded at the last attempt": _of_labels(
        [FAILED] * 5 + [result(RECORDED)], "iiiiii", _answered(RECORDED)
    ),
    "rejected labels": _of_labels([result(REJECTED)], "iqq", _answered(REJECTED)),
    "redriven labels that are rejected again": _redriven([result(REJECTED)], "i", _answered(REJECTED)),
    "labels that cannot be recorded": _of_labels([FAILED], "iiiiiiq", _PARKED),
    "labels whose answer is too large": _of_labels([TOO_LARGE], "iq", _PARKED),
    "redriven labels that cannot be recorded": _redriven(
        [FAILED],
        "iiiiii",
        {**REQUEST, "redrive": True, "failure": {"Error": "Runtime.HandlerError", "Cause": "boom"}},
    ),
    "rejected labels, and a queue that fails once": _of_labels(
        [result({**REJECTED, "rejected": [LETTER]})],
        "iqq",
        _answered({**REJECTED, "rejected": [LETTER]}),
        send=[*NO_QUEUE, SENT],
    ),
    "rejected labels without a queue": _of_labels(
        [result({**REJECTED, "rejected": [LETTER]})], "iqqqqqqk", "RequestKept", send=NO_QUEUE
    ),
    "labels that cannot be recorded, and a queue that fails once": _of_labels(
        [FAILED], "iiiiiiqq", _PARKED, send=[*NO_QUEUE, SENT]
    ),
    "labels without a queue, and a bucket that fails once": _of_labels(
        [FAILED], "iiiiiiqqqkk", "RequestKept", send=NO_QUEUE, put=[*NO_BUCKET, SENT]
    ),
    "labels with neither queue nor bucket": _of_labels(
        [FAILED], "iiiiiiqqqkk", "RequestNotKept", send=NO_QUEUE, put=NO_BUCKET
    ),
    "labels that are too large for the bucket": _of_labels(
        [FAILED], "iiiiiiqqqk", "RequestNotKept", send=NO_QUEUE, put=[TOO_LARGE]
    ),
    "labels whose function takes too long": _of_labels([slow(result(RECORDED))], "iiiiiiq", _PARKED),
    "rejected labels, and a queue that takes too long": _of_labels(
        [result({**REJECTED, "rejected": [LETTER]})], "iqqqq", _PARKED, send=[slow(SENT)] * 3 + [SENT]
    ),
    "labels, and a queue that takes too long": _of_labels(
        [FAILED], "iiiiiiqqqk", "RequestKept", send=[slow(SENT)]
    ),
    "labels, and a bucket that takes too long": _of_labels(
        [FAILED], "iiiiiiqqqkk", "RequestNotKept", send=NO_QUEUE, put=[slow(SENT)]
    ),
    **{
        f"an execution for labels without {name}": Scenario(
            without(REQUEST, name), [], "", "IncompleteRequest", machine="labels"
        )
        for name in REQUEST
    },
}

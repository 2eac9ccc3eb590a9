"""What the workflow of the events goes through."""

from __future__ import annotations

import json
from typing import Any

from tests.unit.scenarios.scenario import (
    BUSY,
    FAILED,
    LETTER,
    NO_BUCKET,
    NO_QUEUE,
    OUT_OF_TIME,
    PARKED,
    PUT,
    PUTS,
    REFUSED,
    REQUEST,
    SENT,
    STARTED,
    STORED,
    TIMEOUT,
    TOO_LARGE,
    UNPROCESSED,
    Scenario,
    batch,
    error,
    failed,
    left,
    result,
    slow,
    stored,
    without,
)
from tests.unit.workflow import RESERVED_BYTES, STATE_BYTES


def _largest() -> dict[str, Any]:
    """The largest request that the API takes."""
    empty = len(json.dumps({**REQUEST, "events": ""}, separators=(",", ":")))
    return {**REQUEST, "events": "x" * (STATE_BYTES - RESERVED_BYTES - empty)}


_MANY = [{"sensor": f"s{number}", "data": list(range(512))} for number in range(25)]
_ITEMS = [
    {"PutRequest": {"Item": {"sensor": {"S": event["sensor"]}, "data": {"L": [{"N": "1"}] * 128}}}}
    for event in _MANY
]
_REDRIVE = {**REQUEST, "redrive": True}


EVENTS: dict[str, Scenario] = {
    "a single event": Scenario(REQUEST, [result(batch(PUTS[:1], predictions="1"))], "id", {"body": "1"}),
    "an array": Scenario(
        {**REQUEST, "events": [{"sensor": "a"}, {"sensor": "b"}]},
        [result(batch(PUTS, predictions="[1,0]"))],
        "id",
        {"body": "[1,0]"},
    ),
    "two pieces": Scenario(
        REQUEST,
        [result(batch(PUTS, following=13, predictions="a")), result(batch(PUTS, predictions="b"))],
        "idid",
        {"body": "ab"},
    ),
    "a piece without items": Scenario(
        REQUEST,
        [result(batch(following=13, predictions="a")), result(batch(PUTS, predictions="b"))],
        "iid",
        {"body": "ab"},
    ),
    "25 x 512 values": Scenario(
        {**REQUEST, "events": _MANY},
        [result(batch(_ITEMS[:13], following=13, predictions="a")), result(batch(_ITEMS[13:]))],
        "idid",
        {"body": "a"},
    ),
    "rejected events": Scenario(REQUEST, [result(batch(PUTS, [LETTER] * 3))], "idqqq", {"body": ""}),
    "only rejected events": Scenario(REQUEST, [result(batch(rejected=[LETTER]))], "iq", {"body": ""}),
    "unprocessed items": Scenario(
        REQUEST, [result(batch(PUTS))], "iddd", {"body": ""}, [UNPROCESSED, UNPROCESSED, STORED]
    ),
    "items that stay unprocessed": Scenario(
        REQUEST,
        [result(batch(PUTS, predictions="a")), result(batch(rejected=[LETTER], predictions="b"))],
        "idddddiq",
        {"body": "b"},
        [UNPROCESSED],
    ),
    "items that are refused": Scenario(
        REQUEST,
        [result(batch(PUTS)), result(batch(rejected=[LETTER], following=7)), result(batch(PUTS))],
        "idddddiqid",
        {"body": ""},
        [REFUSED] * 5 + [STORED],
    ),
    "a table that fails once": Scenario(
        REQUEST, [result(batch(PUTS))], "idd", {"body": ""}, [REFUSED, STORED]
    ),
    "a table that refuses, leaves some unprocessed, and does not answer": Scenario(
        REQUEST, [result(batch(PUTS))], "idddd", {"body": ""}, [REFUSED, UNPROCESSED, TIMEOUT, STORED]
    ),
    "a busy endpoint": Scenario(
        REQUEST, [BUSY, BUSY, result(batch(PUTS, predictions="a"))], "iiid", {"body": "a"}
    ),
    "an endpoint that stays busy": Scenario(
        REQUEST,
        [BUSY] * 6 + [result(batch(PUTS, [LETTER], 5, "a")), result(batch(PUTS, predictions="b"))],
        "iiiiiiidqid",
        {"body": "ab"},
    ),
    "a throttled function": Scenario(
        REQUEST, [error("Lambda.TooManyRequestsException"), result(batch(PUTS))], "iid", {"body": ""}
    ),
    "a function that times out once": Scenario(
        REQUEST, [error("Sandbox.Timedout"), result(batch(PUTS))], "iid", {"body": ""}
    ),
    "a function that always times out": Scenario(REQUEST, [error("Sandbox.Timedout")], "iiiq", PARKED),
    "a function that does not answer": Scenario(REQUEST, [TIMEOUT], "iq", PARKED),
    "a function that fails": Scenario(REQUEST, [FAILED], "iiiq", PARKED),
    "a function that fails while it gives back": Scenario(
        REQUEST, [result(batch(PUTS)), FAILED], "idddddiiiiq", PARKED, [REFUSED]
    ),
    "an execution that is out of time": Scenario(REQUEST, [OUT_OF_TIME], "iq", PARKED),
    "an execution that is out of time after a piece": Scenario(
        REQUEST, [result(batch(PUTS, [LETTER], following=13)), OUT_OF_TIME], "idqiq", PARKED
    ),
    "an execution that is out of time while it waits for an endpoint": Scenario(
        REQUEST, [BUSY, BUSY, OUT_OF_TIME], "iiiq", PARKED
    ),
    "an execution that is out of time when it gives back": Scenario(
        REQUEST, [result(batch(PUTS)), OUT_OF_TIME], "idddddiq", PARKED, [REFUSED]
    ),
    "a redrive that is out of time": Scenario(
        _REDRIVE,
        [OUT_OF_TIME],
        "i",
        {**left(), "pause": {"spread": 1}, "predictions": "", "failure": failed("OutOfTime")},
    ),
    "a queue that fails once": Scenario(REQUEST, [FAILED], "iiiqq", PARKED, send=[*NO_QUEUE, SENT]),
    "a queue that refuses one rejected event": Scenario(
        REQUEST, [result(batch(PUTS, [LETTER]))], "idqqqq", PARKED, send=[*NO_QUEUE * 3, SENT]
    ),
    "a queue that always fails": Scenario(
        REQUEST, [result(batch(PUTS, [LETTER]))], "idqqqqqqk", "RequestKept", send=NO_QUEUE
    ),
    "a queue that fails when the function has": Scenario(
        REQUEST, [FAILED], "iiiqqqk", "RequestKept", send=NO_QUEUE
    ),
    "neither queue nor bucket": Scenario(
        REQUEST, [FAILED], "iiiqqqkk", "RequestNotKept", send=NO_QUEUE, put=NO_BUCKET
    ),
    "a bucket that fails once": Scenario(
        REQUEST, [FAILED], "iiiqqqkk", "RequestKept", send=NO_QUEUE, put=[*NO_BUCKET, PUT]
    ),
    "a redrive that is rejected again": Scenario(
        _REDRIVE,
        [result(batch(PUTS, [LETTER]))],
        "id",
        {
            "position": 0,
            "lenient": False,
            "pause": {"spread": 1},
            "predictions": "",
            "answer": {"batch": {**batch(PUTS, [LETTER]), "pending": {"UnprocessedItems": {}}}},
        },
    ),
    "a request near the limit": Scenario(
        _largest(), [error("Runtime.HandlerError", "x" * 1_000)], "iiiq", PARKED
    ),
    "a request near the limit without a queue": Scenario(
        _largest(),
        [error("Runtime.HandlerError", "x" * 1_000)],
        "iiiqqqk",
        "RequestKept",
        send=NO_QUEUE,
    ),
    "a request near the limit without a queue and a bucket": Scenario(
        _largest(), [FAILED], "iiiqqqkk", "RequestNotKept", send=NO_QUEUE, put=NO_BUCKET
    ),
    "a shadow is asked after the events are stored": Scenario(
        REQUEST, [result(batch(PUTS, predictions="a", shadowed=True))], "ids", {"body": "a"}
    ),
    "a shadow is asked once for two pieces": Scenario(
        REQUEST,
        [result(batch(PUTS, [LETTER], 13, "a")), result(batch(PUTS, predictions="b", shadowed=True))],
        "idqids",
        {"body": "ab"},
    ),
    "a shadow that cannot be asked": Scenario(
        REQUEST,
        [result(batch(PUTS, predictions="a", shadowed=True))],
        "ids",
        {"body": "a"},
        start=[error("StepFunctions.ExecutionLimitExceededException")],
    ),
    "a shadow is asked again for what is redriven": Scenario(
        _REDRIVE,
        [result(batch(PUTS, shadowed=True))],
        "ids",
        {**left(), "pause": {"spread": 1}, "predictions": "", **stored(PUTS, shadowed=True)},
    ),
    "an endpoint that stays busy for the lenient function": Scenario(REQUEST, [BUSY], "i" * 12 + "q", PARKED),
    "an endpoint that stays unavailable": Scenario(
        REQUEST, [*[error("EndpointUnavailable")] * 4, result(batch(PUTS))], "i" * 5 + "d", {"body": ""}
    ),
    "a function that stays throttled": Scenario(
        REQUEST, [error("Lambda.TooManyRequestsException")], "i" * 6 + "q", PARKED
    ),
    "an answer of the function that is too large": Scenario(REQUEST, [TOO_LARGE], "iq", PARKED),
    "a redrive that fails again": Scenario(
        _REDRIVE,
        [error("Runtime.HandlerError")],
        "iii",
        {**left(), "pause": {"spread": 1}, "predictions": "", "failure": failed("Runtime.HandlerError")},
    ),
    "a request that is too large for the bucket": Scenario(
        REQUEST, [FAILED], "iiiqqqk", "RequestNotKept", send=NO_QUEUE, put=[TOO_LARGE]
    ),
    "a function that takes too long": Scenario(REQUEST, [slow(result(batch(PUTS)))], "iq", PARKED),
    "a table that takes too long": Scenario(
        REQUEST, [result(batch(PUTS))], "idd", {"body": ""}, [slow(STORED), STORED]
    ),
    "a function that takes too long to give back": Scenario(
        REQUEST, [result(batch(PUTS)), slow(result(batch()))], "idddddiiiiq", PARKED, [REFUSED]
    ),
    "a queue that takes too long for a rejected event": Scenario(
        REQUEST, [result(batch(PUTS, [LETTER]))], "idqqqq", PARKED, send=[slow(SENT)] * 3 + [SENT]
    ),
    "a queue that takes too long": Scenario(REQUEST, [FAILED], "iiiqqqk", "RequestKept", send=[slow(SENT)]),
    "a request near the limit, and a queue that takes too long": Scenario(
        _largest(),
        [error("Runtime.HandlerError", "x" * 1_000)],
        "iiiqqqk",
        "RequestKept",
        send=[slow(SENT)],
    ),
    "a bucket that takes too long": Scenario(
        REQUEST, [FAILED], "iiiqqqkk", "RequestNotKept", send=NO_QUEUE, put=[slow(PUT)]
    ),
    "a shadow whose start takes too long": Scenario(
        REQUEST,
        [result(batch(PUTS, predictions="a", shadowed=True))],
        "ids",
        {"body": "a"},
        start=[slow(STARTED)],
    ),
    "an execution that takes too long": Scenario(
        REQUEST, [slow(result(batch(following=1)), 30)], "i" * 10, "States.Timeout"
    ),
    **{
        f"an execution without {name}": Scenario(without(REQUEST, name), [], "", "IncompleteRequest")
        for name in REQUEST
    },
}

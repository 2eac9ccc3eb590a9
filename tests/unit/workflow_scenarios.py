"""What the state machines go through: scenarios as plain data, which other interpreters run as well.

Each service answers a call by the next of its answers, and by the last one from then on.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from tests.unit.workflow import RESERVED_BYTES, STATE_BYTES, Services, scripted

Answer = dict[str, Any]

REQUEST: dict[str, Any] = {"request_id": "r", "received_at": 1, "events": [{"sensor": "s"}]}
PUTS = [{"PutRequest": {"Item": {"sensor": {"S": str(number)}}}} for number in range(2)]
LETTER = {
    "body": {"error": "UnknownModel", "events": [1]},
    "attributes": {"error": {"DataType": "String", "StringValue": "UnknownModel"}},
}
#: What a sender who waits reads when the request is parked as a whole.
PARKED = {
    "body": '{"error":"FunctionFailed","message":"The request could not be judged; it is in the dead-letter '
    'queue.","status":503,"dead_lettered":true}'
}


def batch(
    puts: list[Any] | None = None,
    rejected: list[Any] | None = None,
    following: int | None = None,
    predictions: str = "",
    *,
    shadowed: bool = False,
) -> dict[str, Any]:
    """The inference function's answer."""
    return {
        **({"shadowed": {"whole": True}} if shadowed else {}),
        "pending": {"RequestItems": {"t": puts or []}},
        "has_items": bool(puts),
        "rejected": rejected or [],
        "has_rejected": bool(rejected),
        "predictions": predictions,
        "next": following,
    }


def result(value: Any) -> Answer:
    """An answer."""
    return {"result": value}


def error(name: str, cause: str = "because") -> Answer:
    """A failure."""
    return {"error": name, "cause": cause}


STORED = result({"UnprocessedItems": {}})
UNPROCESSED = result({"UnprocessedItems": {"t": PUTS[1:]}})
SENT = result({"MessageId": "m"})
STARTED = result({"ExecutionArn": "a", "StartDate": "2026-11-28T00:00:00.000Z"})
PUT = result({"ETag": "e"})
BUSY, FAILED = error("EndpointBusy"), error("Runtime.HandlerError", "boom")
OUT_OF_TIME, TIMEOUT = error("OutOfTime"), error("States.Timeout")
NO_QUEUE, NO_BUCKET = [error("SQS.X")], [error("S3.X")]
REFUSED = error("DynamoDb.DynamoDbException")


@dataclass(frozen=True)
class Scenario:
    """A request, how the services answer, and what comes of it.

    Attributes:
        request: the input of the execution.
        infer: the answers of the inference function.
        calls: the services that are called, in order: `i` the function, `d` DynamoDB, `q` the queue, `s` the
            workflow of the shadows, `k` S3, which keeps what the queue refuses.
        output: of an execution that succeeds, or the name of the error of one that fails.
        store: the answers of DynamoDB.
        send: the answers of the queue.
        start: the answers to the start of an execution.
        put: the answers of S3.
        machine: which one it is about.
    """

    request: dict[str, Any]
    infer: list[Answer]
    calls: str
    output: Any
    store: list[Answer] = field(default_factory=lambda: [STORED])
    send: list[Answer] = field(default_factory=lambda: [SENT])
    start: list[Answer] = field(default_factory=lambda: [STARTED])
    put: list[Answer] = field(default_factory=lambda: [PUT])
    machine: str = "inference"

    def services(self) -> Services:
        """The services as the scenario has them answer."""
        infer, store, send, start, put = map(
            scripted, (self.infer, self.store, self.send, self.start, self.put)
        )
        return Services(infer, store, send, start, put)


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


def _of_shadows(infer: list[Answer], calls: str, output: Any, **answers: list[Answer]) -> Scenario:
    return Scenario({**REQUEST, "whole": True}, infer, calls, output, **answers, machine="shadow")


def _left(position: int = 0, *, lenient: bool = False, **left: Any) -> dict[str, Any]:
    """The output of the shadows' workflow."""
    return {"position": position, "lenient": lenient, **left}


def _failure(error: str) -> Answer:
    """What a Catch leaves of a failure."""
    return {"Error": error, "Cause": "because"}


def _stored(puts: list[Any], **more: Any) -> dict[str, Any]:
    """What is left of an answer after its items were stored."""
    return {"answer": {"batch": {**batch(puts, **more), "pending": {"UnprocessedItems": {}}}}}


SCENARIOS: dict[str, Scenario] = {
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
        {**_left(), "pause": {"spread": 1}, "predictions": "", "failure": _failure("OutOfTime")},
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
        {**_left(), "pause": {"spread": 1}, "predictions": "", **_stored(PUTS, shadowed=True)},
    ),
    "a shadow's predictions": _of_shadows([result(batch(PUTS))], "id", {**_left(), **_stored(PUTS)}),
    "a shadow's predictions in two pieces": _of_shadows(
        [result(batch(PUTS, following=13)), result(batch(PUTS))], "idid", {**_left(13), **_stored(PUTS)}
    ),
    "a shadow that is busy once": _of_shadows(
        [BUSY, result(batch(PUTS))], "iid", {**_left(lenient=True), **_stored(PUTS)}
    ),
    "a shadow that stays busy": _of_shadows(
        [BUSY, result(batch())], "ii", {**_left(lenient=True), "answer": {"batch": batch()}}
    ),
    "a shadow's function that fails": _of_shadows([FAILED], "ii", _left(lenient=True)),
    "a shadow's function that is throttled": _of_shadows(
        [error("Lambda.TooManyRequestsException"), result(batch(PUTS))], "iid", {**_left(), **_stored(PUTS)}
    ),
    "a shadow's items that are unprocessed": _of_shadows(
        [result(batch(PUTS))], "iddd", {**_left(), **_stored(PUTS)}, store=[UNPROCESSED, UNPROCESSED, STORED]
    ),
    "a shadow's items that are refused": _of_shadows(
        [result(batch(PUTS))], "idddddd", {**_left(), "answer": {"batch": batch(PUTS)}}, store=[REFUSED]
    ),
}

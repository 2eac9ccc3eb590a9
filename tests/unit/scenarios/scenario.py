"""A scenario of a state machine: plain data, which other interpreters run as well.

Each service answers a call by the next of its answers, and by the last one from then on.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.unit.workflow import Services, scripted

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


def slow(answer: Answer, seconds: float = 60) -> Answer:
    """An answer that takes so long."""
    return {**answer, "seconds": seconds}


STORED = result({"UnprocessedItems": {}})
UNPROCESSED = result({"UnprocessedItems": {"t": PUTS[1:]}})
SENT = result({"MessageId": "m"})
STARTED = result({"ExecutionArn": "a", "StartDate": "2026-11-28T00:00:00.000Z"})
PUT = result({"ETag": "e"})
BUSY, FAILED = error("EndpointBusy"), error("Runtime.HandlerError", "boom")
OUT_OF_TIME, TIMEOUT = error("OutOfTime"), error("States.Timeout")
NO_QUEUE, NO_BUCKET = [error("SQS.X")], [error("S3.X")]
REFUSED = error("DynamoDb.DynamoDbException")
TOO_LARGE = error("States.DataLimitExceeded", "too large")


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


def without(request: dict[str, Any], name: str) -> dict[str, Any]:
    """A request that lacks a member."""
    return {member: value for member, value in request.items() if member != name}


def left(position: int = 0, *, lenient: bool = False, **left: Any) -> dict[str, Any]:
    """The output of the shadows' workflow."""
    return {"position": position, "lenient": lenient, **left}


def stored(puts: list[Any], **more: Any) -> dict[str, Any]:
    """What is left of an answer after its items were stored."""
    return {"answer": {"batch": {**batch(puts, **more), "pending": {"UnprocessedItems": {}}}}}


def failed(error: str) -> Answer:
    """What a Catch leaves of a failure."""
    return {"Error": error, "Cause": "because"}

"""One invocation of a function, and its outcome."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Invocation:
    """One call of a function.

    Attributes:
        payload: JSON.
        request_id: identifies it.
        arn: the function as it was asked for.
        trace_id: the X-Ray header of the requests that the function makes.
    """

    payload: bytes
    request_id: str
    arn: str
    trace_id: str


@dataclass(frozen=True)
class Answer:
    """What came of an invocation.

    Attributes:
        payload: JSON, or the bytes that the handler returned.
        failed: whether the payload describes an error.
        log: what was printed meanwhile.
        seconds: how long the handler took.
    """

    payload: bytes
    failed: bool
    log: str
    seconds: float

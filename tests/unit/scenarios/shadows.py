"""What the workflow of the shadows goes through."""

from __future__ import annotations

from typing import Any

from tests.unit.scenarios.scenario import (
    BUSY,
    FAILED,
    PUTS,
    REFUSED,
    REQUEST,
    STORED,
    UNPROCESSED,
    Answer,
    Scenario,
    batch,
    error,
    left,
    result,
    slow,
    stored,
)

_OF_LAMBDA = (
    "Lambda.TooManyRequestsException",
    "Lambda.ServiceException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
)


def _of_shadows(infer: list[Answer], calls: str, output: Any, **answers: list[Answer]) -> Scenario:
    return Scenario({**REQUEST, "whole": True}, infer, calls, output, **answers, machine="shadow")


SHADOWS: dict[str, Scenario] = {
    "a shadow's predictions": _of_shadows([result(batch(PUTS))], "id", {**left(), **stored(PUTS)}),
    "a shadow's predictions in two pieces": _of_shadows(
        [result(batch(PUTS, following=13)), result(batch(PUTS))], "idid", {**left(13), **stored(PUTS)}
    ),
    "a shadow that is busy once": _of_shadows(
        [BUSY, result(batch(PUTS))], "iid", {**left(lenient=True), **stored(PUTS)}
    ),
    "a shadow that stays busy": _of_shadows(
        [BUSY, result(batch())], "ii", {**left(lenient=True), "answer": {"batch": batch()}}
    ),
    "a shadow's function that fails": _of_shadows([FAILED], "ii", left(lenient=True)),
    **{
        f"a shadow's function that fails once with {name}": _of_shadows(
            [error(name), result(batch(PUTS))], "iid", {**left(), **stored(PUTS)}
        )
        for name in _OF_LAMBDA
    },
    "a shadow's items that are unprocessed": _of_shadows(
        [result(batch(PUTS))], "iddd", {**left(), **stored(PUTS)}, store=[UNPROCESSED, UNPROCESSED, STORED]
    ),
    "a shadow's items that are refused": _of_shadows(
        [result(batch(PUTS))], "idddddd", {**left(), "answer": {"batch": batch(PUTS)}}, store=[REFUSED]
    ),
    "a shadow's function that takes too long": _of_shadows(
        [slow(result(batch(PUTS)))], "ii", left(lenient=True)
    ),
    "a shadow's table that takes too long": _of_shadows(
        [result(batch(PUTS))], "idddddd", {**left(), "answer": {"batch": batch(PUTS)}}, store=[slow(STORED)]
    ),
    "a shadow's items that stay unprocessed": _of_shadows(
        [result(batch(PUTS))], "i" + "d" * 49, "States.Timeout", store=[slow(UNPROCESSED, 1)]
    ),
}

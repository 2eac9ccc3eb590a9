from __future__ import annotations

import socket

import boto3
import pytest
from botocore.config import Config

from nrti_cli.remote.inference_function.endpoints import (
    EndpointBusy,
    EndpointUnavailable,
    Models,
    Rejection,
)
from nrti_cli.remote.inference_function.variants import Variants
from tests.unit.remote.conftest import Control, Runtime, judged

ROWS: list[list[float]] = [[1, 2, 3], [4, 5, 6]]
YES = {"prediction": 1, "probability": 0.75}
NO = {"prediction": 0, "probability": 0.25}


def test_rows_are_answered_in_order(runtime: Runtime) -> None:
    runtime.answer("m", ROWS, [YES, NO])

    answers = runtime.models.judge("m", ROWS, lenient=False)

    assert answers == [judged("m", 1, 0.75), judged("m", 0, 0.25)]


def test_a_bad_row_does_not_fail_the_others(runtime: Runtime) -> None:
    runtime.answer("m", ROWS, [{"error": "the model takes 2 numbers, not 3"}, NO])

    answers = runtime.models.judge("m", ROWS, lenient=False)

    assert answers == [
        Rejection("InvalidData", "the model takes 2 numbers, not 3", 422),
        judged("m", 0, 0.25),
    ]


@pytest.mark.parametrize("lenient", [False, True])
def test_an_unknown_model_is_no_reason_to_wait(runtime: Runtime, lenient: bool) -> None:
    runtime.unknown("m", ROWS)

    answers = runtime.models.judge("m", ROWS, lenient=lenient)

    assert answers == 2 * [Rejection("UnknownModel", "endpoint nrti-m does not exist", 422)]


def test_a_refusal_keeps_its_code(runtime: Runtime) -> None:
    runtime.fail("m", ROWS, "AccessDeniedException", 403)

    answers = runtime.models.judge("m", ROWS, lenient=False)

    assert answers == 2 * [Rejection("AccessDeniedException", "endpoint nrti-m: as arranged")]


@pytest.mark.parametrize(
    ("code", "status", "expected"),
    [
        ("ThrottlingException", 400, EndpointBusy),
        ("ModelNotReadyException", 429, EndpointBusy),
        ("SomethingNew", 429, EndpointBusy),
        ("ServiceUnavailable", 503, EndpointUnavailable),
        ("InternalFailure", 500, EndpointUnavailable),
    ],
)
def test_what_may_pass_is_raised_or_if_lenient_rejected(
    runtime: Runtime, code: str, status: int, expected: type[Exception]
) -> None:
    runtime.fail("m", ROWS, code, status)
    runtime.fail("m", ROWS, code, status)

    with pytest.raises(expected, match="endpoint nrti-m: as arranged"):
        runtime.models.judge("m", ROWS, lenient=False)
    assert runtime.models.judge("m", ROWS, lenient=True) == 2 * [
        Rejection(expected.__name__, "endpoint nrti-m: as arranged", 429 if expected is EndpointBusy else 503)
    ]


def test_an_endpoint_that_cannot_be_reached_may_come_back() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        client = boto3.client(
            "sagemaker-runtime",
            endpoint_url=f"http://127.0.0.1:{unused.getsockname()[1]}",
            region_name="us-east-1",
            aws_access_key_id="test",
            aws_secret_access_key="test",
            config=Config(retries={"total_max_attempts": 1}),
        )

        variants = Variants(Control, Control, "artifacts")  # type: ignore[arg-type]

        with pytest.raises(EndpointUnavailable, match="Could not connect"):
            Models(client, "nrti", variants).judge("m", ROWS, lenient=False)


def test_a_model_that_fails_is_given_time_first(runtime: Runtime) -> None:
    runtime.fail("m", ROWS, "ModelError", 424, OriginalStatusCode=500, OriginalMessage="boom")

    with pytest.raises(EndpointUnavailable, match="boom"):
        runtime.models.judge("m", ROWS, lenient=False)


def test_a_row_that_fails_the_model_is_found(runtime: Runtime) -> None:
    runtime.fail("m", ROWS, "ModelError", 424, OriginalStatusCode=500, OriginalMessage="boom")
    runtime.answer("m", [ROWS[0]], [YES])
    runtime.fail("m", [ROWS[1]], "ModelError", 424, OriginalStatusCode=500, OriginalMessage="boom")

    answers = runtime.models.judge("m", ROWS, lenient=True)

    assert answers == [judged("m", 1, 0.75), Rejection("ModelError", "endpoint nrti-m: boom")]


def test_a_body_that_the_model_refuses_is_not_sent_again(runtime: Runtime) -> None:
    runtime.fail("m", [[1]], "ModelError", 424, OriginalStatusCode=400, OriginalMessage="no instances")

    answers = runtime.models.judge("m", [[1]], lenient=False)

    assert answers == [Rejection("ModelError", "endpoint nrti-m: no instances", 422)]


@pytest.mark.parametrize(
    "body",
    [
        b"<html>",
        b"[]",
        b"{}",
        b'{"predictions": 5}',
        b'{"predictions": [7]}',
        b'{"predictions": [7.5]}',
        b'{"predictions": [{"prediction": 2, "probability": 0.5}]}',
        b'{"predictions": [{"prediction": 1, "probability": NaN}]}',
        b'{"predictions": [{"prediction": 1, "probability": 1.5}]}',
        b'{"predictions": [{"prediction": null, "probability": 0.5}]}',
        b'{"predictions": []}',
        b"\xff",
    ],
)
def test_an_answer_that_is_none_is_not_stored(runtime: Runtime, body: bytes) -> None:
    runtime.expect("m", [[1]], body)

    (answer,) = runtime.models.judge("m", [[1]], lenient=False)

    assert isinstance(answer, Rejection)
    assert answer.error == "BadAnswer"

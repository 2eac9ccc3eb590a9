"""What the inference function makes of an endpoint that is tried."""

from __future__ import annotations

import json
from typing import Any

import pytest

from nrti_cli.remote.inference_function.trial import trial
from tests.unit.remote.conftest import Runtime, question

ROWS = [[1, 2], [3, 4]]


def tried(runtime: Runtime, signature: dict[str, Any] | None = None) -> dict[str, Any]:
    return trial(runtime.models, {"endpoint": "nrti-m", "signature": signature, "rows": ROWS})


@pytest.mark.parametrize(
    ("answer", "form", "rows"),
    [
        (
            {"predictions": [{"prediction": 0, "probability": 0.1}, {"error": "why"}]},
            "nrti",
            [{"prediction": 0, "probability": 0.1}, {"error": "why"}],
        ),
        (
            {"predictions": [{"score": 0.9, "predicted_label": 1}, {"score": 0.1, "predicted_label": 0}]},
            "Linear Learner",
            [{"prediction": 1, "probability": 0.9}, {"prediction": 0, "probability": 0.1}],
        ),
        (
            {"predictions": [0.9, 0.1]},
            "TensorFlow Serving",
            [{"prediction": 1, "probability": 0.9}, {"prediction": 0, "probability": 0.1}],
        ),
        ([1, 0], "a list", [{"prediction": 1}, {"prediction": 0}]),
    ],
)
def test_the_form_of_the_answer_is_named(
    runtime: Runtime, answer: Any, form: str, rows: list[dict[str, Any]]
) -> None:
    runtime.expect("m", ROWS, json.dumps(answer).encode())

    assert tried(runtime) == {"form": form, "answer": json.dumps(answer), "rows": rows}


def test_a_declared_signature_is_what_it_is_read_by(runtime: Runtime) -> None:
    signature = {"content_type": "text/csv", "accept": "text/csv", "probability": "0", "threshold": 0.95}
    call = question("m", ROWS, b"1,2\n3,4\n", "text/csv")
    runtime.expect("m", ROWS, b"0.9\n0.96\n", content_type="text/csv", call=call)

    reply = tried(runtime, signature)

    assert reply["form"] == "declared"
    assert [row["prediction"] for row in reply["rows"]] == [0, 1]


def test_an_answer_that_lacks_a_row_is_shown(runtime: Runtime) -> None:
    runtime.expect("m", ROWS, b'{"predictions": [0.5]}')

    reply = tried(runtime)

    assert (reply["answer"], reply["passing"]) == ('{"predictions": [0.5]}', False)
    assert "2 in all, and got 1" in reply["reason"]


def test_what_may_pass_is_said_to(runtime: Runtime) -> None:
    runtime.fail("m", ROWS, "ModelNotReadyException", 429)

    assert tried(runtime) == {"reason": "endpoint nrti-m: as arranged", "passing": True}


def test_a_page_of_a_web_framework_is_not_repeated(runtime: Runtime) -> None:
    runtime.fail("m", ROWS, "ModelError", 424, OriginalStatusCode=500, OriginalMessage="<!doctype html>…")

    reason = "endpoint nrti-m: its model responds with status 500"
    assert tried(runtime) == {"reason": reason, "passing": False}


def test_an_endpoint_that_is_not_there(runtime: Runtime) -> None:
    runtime.unknown("m", ROWS)

    assert tried(runtime) == {"reason": "endpoint nrti-m does not exist", "passing": False}

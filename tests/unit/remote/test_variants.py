"""An endpoint on its way from one version to the next: who is asked how, and read how."""

from __future__ import annotations

import json
from typing import Any

import pytest

from nrti_cli.remote.inference_function.answers import Verdict
from nrti_cli.remote.inference_function.endpoints import EndpointUnavailable, Judgement, Rejection
from nrti_cli.remote.inference_function.signature import CSV
from nrti_cli.remote.inference_function.variants import published_at
from tests.unit.remote.conftest import PUBLISHED_AT, VERSION, Runtime, judged, question

LATER = "20261123000000000"
ROWS: list[Any] = [[1, 2]]
IN_CSV = question("m", ROWS, b"1,2\n", CSV)
YES = b'{"predictions": [{"prediction": 1, "probability": 0.9}]}'


def declare(runtime: Runtime, version: str, **signature: Any) -> None:
    runtime.control.objects[f"signatures/nrti-m/{version}.json"] = signature


def ask(runtime: Runtime) -> Any:
    (answer,) = runtime.models.judge("m", ROWS, lenient=False)
    return answer


def test_a_version_says_when_it_was_published() -> None:
    assert published_at(VERSION) == PUBLISHED_AT
    assert published_at("AllTraffic") is None


def test_a_version_of_another_make_bears_the_name_of_its_variant(runtime: Runtime) -> None:
    runtime.expect("m", ROWS, YES, variant="AllTraffic")

    assert ask(runtime) == judged("m", 1, 0.9, "AllTraffic")


def test_an_answer_is_read_by_the_signature_of_the_version_that_gave_it(runtime: Runtime) -> None:
    declare(runtime, LATER, threshold=0.95)
    runtime.expect("m", ROWS, b"[0.9]")
    runtime.expect("m", ROWS, b"[0.9]", variant=f"s{LATER}")
    runtime.expect("m", ROWS, b"[0.9]")

    assert [ask(runtime) for _ in range(3)] == [
        judged("m", 1, 0.9),
        judged("m", 0, 0.9, LATER),
        judged("m", 1, 0.9),
    ]


def test_a_version_that_takes_another_form_is_asked_again_in_its_own(runtime: Runtime) -> None:
    declare(runtime, LATER, content_type=CSV, accept=CSV)
    runtime.expect("m", ROWS, b"what it made of JSON", variant=f"s{LATER}")
    runtime.expect("m", ROWS, b"0.9\n", variant=f"s{LATER}", content_type=CSV, call=IN_CSV)
    runtime.expect("m", ROWS, b"0.2\n", variant=f"s{LATER}", content_type=CSV, call=IN_CSV)

    assert [ask(runtime), ask(runtime)] == [judged("m", 1, 0.9, LATER), judged("m", 0, 0.2, LATER)]


def test_a_version_that_refuses_the_form_is_looked_up_and_asked_in_its_own(runtime: Runtime) -> None:
    declare(runtime, LATER, content_type=CSV, accept=CSV)
    runtime.control.variant = f"s{LATER}"
    runtime.fail("m", ROWS, "ModelError", 424, OriginalStatusCode=415, OriginalMessage="no JSON")
    runtime.expect("m", ROWS, b"0.9\n", content_type=CSV, call=IN_CSV)

    assert ask(runtime) == judged("m", 1, 0.9, LATER)


def test_while_the_next_version_is_not_known_a_refusal_is_no_reason_to_give_up(runtime: Runtime) -> None:
    runtime.control.status = "Updating"
    runtime.fail("m", ROWS, "ModelError", 424, OriginalStatusCode=415, OriginalMessage="no JSON")

    with pytest.raises(EndpointUnavailable, match="no JSON"):
        ask(runtime)


def test_a_signature_that_cannot_be_read_is_tried_again(runtime: Runtime) -> None:
    runtime.expect("m", ROWS, b"[0.9]", variant=f"s{LATER}")

    with pytest.raises(EndpointUnavailable, match=f"artifacts/signatures/nrti-m/{LATER}.json"):
        ask(runtime)


@pytest.mark.parametrize("status", [400, 415, 500])
def test_a_model_of_another_make_that_takes_no_json_is_asked_in_csv(runtime: Runtime, status: int) -> None:
    runtime.control.variant = "AllTraffic"
    runtime.fail("m", ROWS, "ModelError", 424, OriginalStatusCode=status, OriginalMessage="no JSON")
    runtime.expect("m", ROWS, b"0.9\n", content_type=CSV, call=IN_CSV)
    runtime.expect("m", ROWS, b"0.2\n", content_type=CSV, call=IN_CSV)

    assert [ask(runtime), ask(runtime)] == [
        judged("m", 1, 0.9, "AllTraffic"),
        judged("m", 0, 0.2, "AllTraffic"),
    ]


def test_a_model_that_has_answered_json_is_not_asked_in_csv(runtime: Runtime) -> None:
    runtime.control.variant = "AllTraffic"
    runtime.expect("m", ROWS, YES)
    runtime.fail("m", ROWS, "ModelError", 424, OriginalStatusCode=400, OriginalMessage="too short")

    ask(runtime)

    assert ask(runtime) == Rejection("ModelError", "endpoint nrti-m: too short", 422)


def test_one_unreadable_row_of_a_batch_costs_itself_only(runtime: Runtime) -> None:
    rows: list[Any] = [[1], [2], [3]]
    answers = [{"prediction": 0, "probability": 0.1}, {"prediction": 1, "probability": 1.06}, [0.9]]
    runtime.expect("m", rows, json.dumps({"predictions": answers}).encode())

    first, second, third = runtime.models.judge("m", rows, lenient=False)

    assert (first, third) == (judged("m", 0, 0.1), Judgement("nrti-m", VERSION, Verdict(1, 0.9)))
    assert isinstance(second, Rejection)
    assert (second.error, second.status) == ("BadAnswer", 503)
    assert "1.06 is not a probability" in second.cause


def test_an_answer_that_lacks_rows_is_asked_for_row_by_row(runtime: Runtime) -> None:
    rows: list[Any] = [[1], [2]]
    runtime.expect("m", rows, b"[0.9]")
    runtime.expect("m", [[1]], b"[0.9]")
    runtime.expect("m", [[2]], b"[]")

    first, second = runtime.models.judge("m", rows, lenient=False)

    assert first == judged("m", 1, 0.9)
    assert isinstance(second, Rejection)
    assert second.error == "BadAnswer"


def test_an_endpoint_of_another_make_is_asked_in_every_form_before_it_is_given_up(runtime: Runtime) -> None:
    """The scikit-learn container's own functions take a list of rows, and of CSV no single row."""
    runtime.control.variant = "AllTraffic"
    bare = question("m", ROWS, b"[[1, 2]]")
    runtime.fail("m", ROWS, "ModelError", 424, OriginalStatusCode=500)
    runtime.fail("m", ROWS, "ModelError", 424, OriginalStatusCode=500, call=IN_CSV)
    runtime.expect("m", ROWS, b"[1]", call=bare)
    runtime.expect("m", ROWS, b"[0]", call=bare)

    assert [ask(runtime).verdict for _ in range(2)] == [Verdict(1), Verdict(0)]

"""The function that has shadows score events, and what the inference function knows of shadows."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from nrti_cli.remote.inference_function import shadows as module
from nrti_cli.remote.inference_function.endpoints import EndpointBusy
from nrti_cli.remote.inference_function.former import Former
from nrti_cli.remote.inference_function.handler import judge, piece_of
from nrti_cli.remote.inference_function.shadow import score
from nrti_cli.remote.inference_function.shadows import FRESH_SECONDS, Shadows
from tests.unit.remote.conftest import Control, Runtime
from tests.unit.remote.test_inference_function import FORMER, event, payload

YES = {"prediction": 1, "probability": 0.75}
NO = {"prediction": 0, "probability": 0.25}


def shadowed(runtime: Runtime, **by_model: str) -> Shadows:
    """The shadows of models."""
    for model, shadow in by_model.items():
        runtime.control.objects[f"shadows/{model}.json"] = {"shadow": shadow}
    return Shadows(lambda: runtime.control, "artifacts")  # type: ignore[arg-type, return-value]


def items(answer: dict[str, Any]) -> list[dict[str, Any]]:
    return [put["PutRequest"]["Item"] for put in answer["pending"]["RequestItems"]["t"]]


def test_the_events_of_a_shadowed_model_are_scored_by_its_shadow_alone(runtime: Runtime) -> None:
    shadows = shadowed(runtime, m="n")
    runtime.answer("n", [[1, 2], [3, 4]], [YES, NO])
    sent = [event("a", "m", 1, 2), event("b", "other", 5), event("c", "m", 3, 4), {"sensor": "wrong"}]

    answer, failed = score(payload(sent), runtime.models, FORMER, shadows)

    first, second = items(answer)
    assert first["event_key"] == {"S": "2027-01-15T08:00:00.123Z#a#n#shadow"}
    assert (first["model"], first["endpoint"]) == ({"S": "n"}, {"S": "nrti-n"})
    assert first["shadow"] == second["shadow"] == {"N": "1"}
    assert (first["prediction"], second["prediction"]) == ({"N": "1"}, {"N": "0"})
    assert (answer["has_rejected"], answer["next"], failed) == (False, None, {})


def test_an_event_without_an_id_has_the_id_of_its_own_prediction(runtime: Runtime) -> None:
    shadows = shadowed(runtime, m="n")
    runtime.answer("m", [[1]], [NO])
    runtime.answer("n", [[1]], [YES])
    request = payload({"sensor": "s", "model": "m", "data": [1]})

    (own,) = items(judge(request, runtime.models, FORMER, shadows))
    (shadow,) = items(score(request, runtime.models, FORMER, shadows)[0])

    assert own["event_id"] == shadow["event_id"] == {"S": "r-0"}
    assert own["timestamp"] == shadow["timestamp"]
    assert "shadow" not in own


def test_what_a_shadow_cannot_score_is_counted_and_no_dead_letter(runtime: Runtime) -> None:
    shadows = shadowed(runtime, m="n")
    runtime.answer("n", [[1], [2]], [{"error": "the model takes 2 numbers, not 1"}, NO])

    answer, failed = score(payload([event("a", "m", 1), event("b", "m", 2)]), runtime.models, FORMER, shadows)

    assert [item["sensor"]["S"] for item in items(answer)] == ["b"]
    assert not answer["rejected"]
    assert failed == {"n": {"InvalidData": 1}}


def test_a_busy_shadow_is_tried_again_and_then_counted(runtime: Runtime) -> None:
    shadows = shadowed(runtime, m="n")
    for _ in range(2):
        runtime.fail("n", [[1]], "ModelNotReadyException", 429)
    request = payload([event("a", "m", 1)])

    with pytest.raises(EndpointBusy):
        score(request, runtime.models, FORMER, shadows)
    answer, failed = score({**request, "lenient": True}, runtime.models, FORMER, shadows)

    assert not answer["has_items"]
    assert failed == {"n": {"EndpointBusy": 1}}


def test_an_event_of_before_the_shadow_keeps_its_first_prediction(runtime: Runtime) -> None:
    class Table:
        def batch_get_item(self, **asked: Any) -> Any:
            (key,) = asked["RequestItems"]["t"]["Keys"]
            assert key["event_key"]["S"].endswith("#n#shadow")
            former = {
                "endpoint": {"S": "nrti-n"},
                "version": {"S": "old"},
                "prediction": {"N": "0"},
                "predicted_at": {"N": "1"},
            }
            return {"Responses": {"t": [{**key, **former}]}}

    shadows = shadowed(runtime, m="n")
    runtime.answer("n", [[1]], [YES])
    old = {**event("a", "m", 1), "timestamp": 1}

    answer, _ = score(payload([old]), runtime.models, Former(Table, "t"), shadows)  # type: ignore[arg-type]

    assert not answer["has_items"]


def test_the_inference_function_says_whether_a_shadow_has_to_be_asked(runtime: Runtime) -> None:
    shadows = shadowed(runtime, m="n")
    runtime.answer("m", [[1]], [YES])
    runtime.answer("o", [[1]], [YES])
    runtime.unknown("x", [[1]])

    assert judge(payload([event("a", "m", 1)]), runtime.models, FORMER, shadows)["shadowed"] == {
        "whole": True
    }
    assert "shadowed" not in judge(payload([event("a", "o", 1)]), runtime.models, FORMER, shadows)
    assert "shadowed" not in judge(payload([event("a", "x", 1), 7]), runtime.models, FORMER, shadows)


def test_only_the_last_piece_of_a_request_says_so(runtime: Runtime) -> None:
    shadows = shadowed(runtime, m="n")
    numbers = [float(number) for number in range(2048)]
    sent = [event(str(number), "m", *numbers) for number in range(8)]
    following: int | None = 0
    said = []
    while following is not None:
        request = payload(sent, position=following)
        count = len(piece_of(request).events)
        runtime.answer("m", [numbers] * count, [YES] * count)
        answer = judge(request, runtime.models, FORMER, shadows)
        following = answer["next"]
        said.append(answer.get("shadowed"))

    assert len(said) > 1
    assert said == [None] * (len(said) - 1) + [{"whole": False}]


def test_a_request_with_a_wrong_event_is_checked_again_by_the_shadow(runtime: Runtime) -> None:
    shadows = shadowed(runtime, m="n")
    runtime.answer("m", [[1]], [YES])
    runtime.answer("n", [[1]], [YES])
    sent = [event("a", "m", 1), {**event("b", "m"), "data": []}]

    said = judge(payload(sent), runtime.models, FORMER, shadows)["shadowed"]
    answer, _ = score(payload(sent) | said, runtime.models, FORMER, shadows)

    assert said == {"whole": False}
    assert [item["sensor"]["S"] for item in items(answer)] == ["a"]


def test_a_whole_request_is_one_piece_and_not_checked_again(runtime: Runtime) -> None:
    shadows = shadowed(runtime, m="n")
    runtime.answer("n", [[1], [2]], [YES, NO])
    sent = [event("a", "m", 1), event("b", "m", 2)]

    answer, _ = score({**payload(sent), "whole": True}, runtime.models, FORMER, shadows)

    assert ([item["sensor"]["S"] for item in items(answer)], answer["next"]) == (["a", "b"], None)


class Counting(Control):
    """S3 that counts what it is asked, and may fail."""

    asked = 0
    failing: Exception | None = None

    def get_object(self, **asked: Any) -> dict[str, Any]:
        self.asked += 1
        if self.failing:
            raise self.failing
        return super().get_object(**asked)


@pytest.fixture
def now() -> list[float]:
    return [0.0]


@pytest.fixture
def control() -> Counting:
    return Counting(objects={"shadows/m.json": {"shadow": "n"}})


@pytest.fixture
def known(control: Counting, now: list[float]) -> Shadows:
    return Shadows(lambda: control, "artifacts", lambda: now[0])  # type: ignore[arg-type, return-value]


def test_s3_is_not_asked_for_every_event(known: Shadows, control: Counting, now: list[float]) -> None:
    assert [known.of("m"), known.of("m"), known.of("o"), known.of("o")] == ["n", "n", "", ""]
    assert control.asked == 2

    now[0] = FRESH_SECONDS
    del control.objects["shadows/m.json"]

    assert known.of("m") == ""
    assert control.asked == 3


@pytest.mark.parametrize(
    "failure",
    [
        ClientError({"Error": {"Code": "SlowDown", "Message": ""}}, "GetObject"),
        EndpointConnectionError(endpoint_url="https://s3"),
    ],
    ids=["busy", "away"],
)
def test_while_s3_does_not_answer_a_shadow_stays_what_it_was(
    known: Shadows, control: Counting, now: list[float], failure: Exception
) -> None:
    assert known.of("m") == "n"
    control.failing = failure
    now[0] = FRESH_SECONDS

    assert known.of("m") == "n"
    assert known.of("never seen") == ""


@pytest.mark.parametrize("document", [{}, [], {"shadow": None}])
def test_a_wrong_object_is_no_shadow(known: Shadows, control: Counting, document: Any) -> None:
    control.objects["shadows/m.json"] = document

    assert known.of("m") == ""


def test_any_number_of_names_is_remembered_within_bounds(known: Shadows) -> None:
    for number in range(module._MOST + 10):
        known.of(f"model-{number}")

    assert len(known._known) <= module._MOST
    assert known.of("m") == "n"

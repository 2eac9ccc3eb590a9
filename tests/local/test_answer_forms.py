"""Endpoints that nrti did not make, each answering in another form: every event is stored as it was meant."""

from __future__ import annotations

from typing import Any

import pytest

from tests.local.deployed import Pipeline, event
from tests.local.sagemaker_support import SageMaker, tarball
from tests.repeated import Repeated
from tests.waiting import eventually

#: Answers in the form that a file of the artifact names: the probability is the second value in hundredths.
SCRIPT = """
import json
from pathlib import Path

JSON, CSV = "application/json", "text/csv"


class Unsupported:
    status_code, mimetype = 415, "text/plain"

    def get_data(self):
        return b"only CSV is taken here"

    def __call__(self, environ, start_response):
        start_response("415 Unsupported Media Type", [("Content-Type", self.mimetype)])
        return [self.get_data()]


def model_fn(directory):
    return Path(directory, "form").read_text()


def input_fn(body, content_type):
    if content_type == CSV:
        return CSV, [[float(x) for x in line.split(",")] for line in body.split()]
    return JSON, json.loads(body)["instances"]


def predict_fn(request, form):
    content_type, rows = request
    return form, content_type, [row[1] / 100 for row in rows]


def output_fn(answer, accept):
    form, content_type, ps = answer
    if form == "xgboost":
        if content_type != CSV:
            return Unsupported()
        return "\\n".join(f"{p:.2f}" for p in ps), CSV
    if form == "autopilot":
        return "".join(f"{int(p >= 0.5)},{p:.2f}\\n" for p in ps), CSV
    return json.dumps(documents(form, ps)), JSON


def documents(form, ps):
    if form == "linear-learner":
        return {"predictions": [{"score": p, "predicted_label": int(p >= 0.5)} for p in ps]}
    if form == "tensorflow":
        return {"predictions": [[p] for p in ps]}
    if form == "mlflow":
        return {"predictions": [[1 - p, p] for p in ps]}
    if form == "kserve-v2":
        return {"outputs": [{"name": "p", "shape": [len(ps), 1], "datatype": "FP64", "data": ps}]}
    if form == "sklearn-labels":
        return [int(p >= 0.5) for p in ps]
    if form == "hugging-face":
        return [{"label": f"LABEL_{int(p >= 0.5)}", "score": max(p, 1 - p)} for p in ps]
    if form == "random-cut-forest":
        return {"scores": [{"score": 10 * p} for p in ps]}
    if form == "one-bad":
        return {"predictions": [{"prediction": 1, "probability": 1.06 if p == 0.13 else p} for p in ps]}
"""
PROBABILITY = ("xgboost", "autopilot", "linear-learner", "tensorflow", "mlflow", "kserve-v2", "hugging-face")
FORMS = (*PROBABILITY, "sklearn-labels", "random-cut-forest", "one-bad")


def config(sagemaker: SageMaker, form: str) -> str:
    files = {"code/inference.py": SCRIPT, "form": form}
    return sagemaker.config_of(sagemaker.put(f"{form}/model.tar.gz", tarball(files)))


@pytest.fixture(scope="module")
def sagemaker(deployed: Pipeline) -> SageMaker:
    return SageMaker.of(deployed.target)


@pytest.fixture(scope="module")
def published(sagemaker: SageMaker) -> SageMaker:
    """An endpoint of each form, made by SageMaker's API alone."""
    for form in FORMS:
        name = config(sagemaker, form)
        sagemaker.client.create_endpoint(EndpointName=f"nrti-{form}", EndpointConfigName=name)
    for form in FORMS:
        assert sagemaker.settled(f"nrti-{form}")["EndpointStatus"] == "InService"
    return sagemaker


def verdicts(items: list[dict[str, Any]]) -> set[tuple[int, float | None]]:
    """What was stored: the prediction and, rounded, the probability."""
    return {(int(item["prediction"]["N"]), _rounded(item.get("probability"))) for item in items}


def _rounded(number: dict[str, str] | None) -> float | None:
    return round(float(number["N"]), 2) if number else None


@pytest.mark.parametrize("form", PROBABILITY)
@pytest.mark.usefixtures("published")
def test_an_answer_of_another_make_is_stored(deployed: Pipeline, sensor: str, form: str) -> None:
    numbers = [7] * 12 + [93] * 13

    def batch(where: str) -> list[dict[str, Any]]:
        return [event(f"{sensor}-{where}", 0, number, 0, model=form) for number in numbers]

    status, reply = deployed.post(event(f"{sensor}-1", 0, 93, 0, model=form), "/predictions")
    both, all_answers = deployed.post(batch("at once"), "/predictions")
    deployed.send(event(f"{sensor}-2", 0, 7, 0, model=form))
    deployed.send(batch("later"))

    assert (status, reply["prediction"], round(reply["probability"], 2)) == (200, 1, 0.93)
    assert reply["version"] == "AllTraffic"
    assert (both, [each["prediction"] for each in all_answers]) == (
        200,
        [int(number > 50) for number in numbers],
    )
    assert verdicts(deployed.items(f"{sensor}-1")) == {(1, 0.93)}
    assert verdicts(eventually(lambda: deployed.items(f"{sensor}-2"))) == {(0, 0.07)}
    for where in ("at once", "later"):
        stored = eventually(lambda: deployed.items(f"{sensor}-{where}"), lambda items: len(items) == 25)  # noqa: B023
        assert verdicts(stored) == {(1, 0.93), (0, 0.07)}


@pytest.mark.usefixtures("published")
def test_a_label_without_a_probability_is_stored_without_one(deployed: Pipeline, sensor: str) -> None:
    status, reply = deployed.post(
        [event(sensor, 0, number, 0, model="sklearn-labels") for number in (7, 93)], "/predictions"
    )

    assert (status, [each["prediction"] for each in reply]) == (200, [0, 1])
    assert not any("probability" in each for each in reply)
    assert verdicts(deployed.items(sensor)) == {(0, None), (1, None)}
    assert eventually(lambda: deployed.rows(sensor), lambda rows: len(rows) == 2)


@pytest.mark.usefixtures("published")
def test_a_score_without_a_threshold_says_what_to_declare(deployed: Pipeline, sensor: str) -> None:
    request_id = deployed.send(event(sensor, 0, 93, 0, model="random-cut-forest"))

    eventually(lambda: deployed.rejected(request_id))
    (letter,) = deployed.letters[request_id]
    assert letter["error"] == "BadAnswer"
    assert "publish the model with --threshold" in letter["cause"]
    assert '{"score": 9.3' in letter["cause"]


@pytest.mark.usefixtures("published")
def test_a_bad_answer_costs_its_own_event_only(deployed: Pipeline, sensor: str) -> None:
    events = [event(sensor, 0, number, 0, model="one-bad") for number in range(1, 26)]

    request_id = deployed.send(events)

    letters = eventually(lambda: deployed.rejected(request_id))
    assert [each["data"] for each in letters["BadAnswer"]] == [[0, 13, 0]]
    assert len(eventually(lambda: deployed.items(sensor), lambda items: len(items) == 24)) == 24


def test_an_update_from_one_form_to_another_misreads_nothing(
    deployed: Pipeline, published: SageMaker, sensor: str
) -> None:
    """From a form in JSON to one that takes CSV only, and back, while requests come without pause."""
    sent: list[str] = []

    def send() -> None:
        batch = [event(sensor, 0, number, 0, model="linear-learner") for number in (7, 93)]
        sent.append(deployed.send([{**each, "event_id": f"{len(sent)}-{n}"} for n, each in enumerate(batch)]))

    with Repeated(send):
        for form in ("xgboost", "linear-learner"):
            published.client.update_endpoint(
                EndpointName="nrti-linear-learner", EndpointConfigName=config(published, form)
            )
            assert published.settled("nrti-linear-learner")["EndpointStatus"] == "InService"
            before = len(sent)
            eventually(lambda: len(sent), lambda count: count > before + 20)  # noqa: B023 (at once)

    stored = eventually(lambda: deployed.items(sensor), lambda items: len(items) == 2 * len(sent))
    for item in stored:
        expected = 0.93 if item["data"]["L"][1]["N"] == "93" else 0.07
        assert _rounded(item["probability"]) == expected


@pytest.mark.usefixtures("published")
def test_the_models_of_an_endpoint_of_another_make_are_in_the_lake(deployed: Pipeline, sensor: str) -> None:
    deployed.send(event(sensor, 0, 93, 0, model="mlflow"))

    assert eventually(lambda: deployed.rows(sensor))

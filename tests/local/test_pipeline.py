"""The pipeline by its HTTP contract: accepted events are stored or dead-lettered; others get a reason."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.local.deployed import Pipeline, event
from tests.waiting import eventually


def test_an_event_becomes_a_prediction(deployed: Pipeline, sensor: str) -> None:
    request_id = deployed.send({**event(sensor), "timestamp": 1_790_000_000_123})

    (item,) = eventually(lambda: deployed.items(sensor))
    assert item["event_key"]["S"] == f"2026-09-21T14:13:20.123Z#{request_id}-0#failure-v1"
    assert item["data"] == {"L": [{"N": "10"}, {"N": "80"}, {"N": "12"}]}
    assert item["endpoint"]["S"] == "nrti-failure-v1"
    assert item["prediction"]["N"] == "1"
    assert 0.5 < float(item["probability"]["N"]) <= 1
    assert int(item["received_at"]["N"]) <= int(item["predicted_at"]["N"])


def test_a_client_cannot_choose_the_id_of_its_request(deployed: Pipeline, sensor: str) -> None:
    # API Gateway takes `$context.requestId` from the client, and Step Functions takes few names.
    answers = [deployed.post(event(sensor), x_amzn_requestid="odd *id*") for _ in range(2)]

    assert [status for status, _ in answers] == [202, 202]
    ids = {answer["request_id"] for _, answer in answers}
    assert len(ids) == 2
    assert all(re.fullmatch(r"[\w-]+", each) for each in ids)


@pytest.mark.parametrize("name", ['it\'s "a" \\ / é 🛢', "${context} $input #set($x = 1)", "x" * 128])
def test_a_sensor_may_have_any_name(deployed: Pipeline, sensor: str, name: str) -> None:
    name = (name + sensor)[-128:]
    deployed.send(event(name))

    eventually(lambda: deployed.items(name))


def test_an_event_that_is_sent_twice_is_stored_once_and_has_one_row(deployed: Pipeline, sensor: str) -> None:
    twice = {**event(sensor), "timestamp": 5, "event_id": "e"}
    deployed.send(twice)
    deployed.send([twice, twice])
    deployed.send({**event(sensor), "timestamp": 6, "event_id": "last"})

    assert eventually(lambda: deployed.rows(sensor), lambda rows: "last" in rows) == ["e", "last"]
    assert [item["event_id"]["S"] for item in deployed.items(sensor)] == ["e", "last"]


def test_in_a_batch_each_event_is_judged_by_itself(deployed: Pipeline, sensor: str) -> None:
    unknown, short = event(sensor, model="no-such-model"), event(sensor, 1, 2)

    request_id = deployed.send([event(sensor), unknown, short, event(sensor, 1, 2, 3)])

    eventually(lambda: deployed.rejected(request_id), lambda parked: len(parked) == 2)
    eventually(lambda: deployed.items(sensor), lambda items: len(items) == 2)
    completed = {"timestamp": deployed.letters[request_id][0]["received_at"]}
    assert deployed.rejected(request_id) == {
        "UnknownModel": [{**unknown, **completed, "event_id": f"{request_id}-1"}],
        "InvalidData": [{**short, **completed, "event_id": f"{request_id}-2"}],
    }
    causes = {letter["error"]: letter["cause"] for letter in deployed.letters[request_id]}
    assert causes["UnknownModel"] == "endpoint nrti-no-such-model does not exist"
    assert "3" in causes["InvalidData"]


def test_a_request_that_outgrows_a_state_loses_nothing(deployed: Pipeline, sensor: str) -> None:
    long = [event(sensor, *[i + 0.123456789] * 512) for i in range(25)]

    request_id = deployed.send(long)

    def parked() -> list[Any]:
        deployed.rejected(request_id)
        return [e for letter in deployed.letters.get(request_id, []) for e in letter["events"]]

    eventually(parked, lambda events: len(events) == 25)
    assert [each["data"] for each in parked()] == [each["data"] for each in long]
    assert len(deployed.letters[request_id]) > 1


GOOD = event("wrong-inputs")


@pytest.mark.parametrize("path", ["/events", "/predictions"])
@pytest.mark.parametrize(
    ("body", "status", "message"),
    [
        (b"", 400, "empty"),
        (b"{nope", 400, "not JSON"),
        (b"null", 400, "object or array"),
        ([], 400, "at least 1 item"),
        ([GOOD] * 26, 400, "25"),
        ({"sensor": "s", "model": "m"}, 400, "data"),
        ([GOOD, {"sensor": "s", "data": [1]}], 400, "body[1]"),
        ({**GOOD, "data": "123"}, 400, "data"),
        ({**GOOD, "data": [1, "2"]}, 400, "data[1]"),
        ({**GOOD, "data": [1] * 2049}, 400, "2048"),
        ({**GOOD, "timestamp": "now"}, 400, "timestamp"),
        ({**GOOD, "model": "../x"}, 400, "model"),
        ({**GOOD, "more": 1}, 400, "more"),
        (b'{"sensor": "s", "model": "m", "data": [NaN]}', 400, "NaN"),
        (b'{"sensor": "s", "model": "m", "data": [1e400]}', 400, "too large"),
        (b'{"sensor": "s", "sensor": "t", "model": "m", "data": [1]}', 400, "twice"),
        (b'{"sensor": "\\ud800", "model": "m", "data": [1]}', 400, "surrogate"),
        ([{**GOOD, "data": [1.2345678901234567e-15] * 512}] * 25, 400, "262,144 bytes"),
        (b" " * (11 * 1024 * 1024), 413, "too large"),
    ],
)
def test_a_bad_body_is_answered_with_its_fault(
    deployed: Pipeline, body: object, status: int, message: str, path: str
) -> None:
    answer = deployed.post(body, path)

    assert answer[0] == status
    assert message in answer[1]["message"]


@pytest.mark.parametrize("path", ["/events", "/predictions"])
@pytest.mark.parametrize(
    ("request_", "status", "message"),
    [
        ({"x_api_key": ""}, 403, "x-api-key"),
        ({"x_api_key": "wrong"}, 403, "x-api-key"),
        ({"content_type": "text/plain"}, 415, "application/json"),
        ({"content_type": "application/xml"}, 415, "application/json"),
        ({"path": "/nothing"}, 404, "/events"),
        ({"method": "PUT"}, 404, "/events"),
    ],
)
def test_a_bad_request_is_answered_with_its_fault(
    deployed: Pipeline, request_: dict[str, str], status: int, message: str, path: str
) -> None:
    answer = deployed.post(GOOD, **{"path": path, **request_})

    assert answer[0] == status
    assert message in answer[1]["message"]


def test_after_all_that_the_pipeline_goes_on(deployed: Pipeline, sensor: str) -> None:
    deployed.send([event(sensor)] * 25)

    eventually(lambda: deployed.items(sensor), lambda items: len(items) == 25)
    assert deployed.items("wrong-inputs") == []

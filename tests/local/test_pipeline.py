"""The deployed pipeline by its HTTP contract: what is taken is stored or parked, what is not is told why."""

from __future__ import annotations

import http.client
import json
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from nrti_cli.aws.apigateway import api_key
from nrti_cli.aws.target import Target
from nrti_cli.stack.outputs import Outputs, outputs
from tests.local.small_stack import until

if TYPE_CHECKING:
    from mypy_boto3_athena.client import AthenaClient
    from mypy_boto3_dynamodb.client import DynamoDBClient
    from mypy_boto3_sqs.client import SQSClient


@dataclass
class Pipeline:
    """A client of the pipeline's two ends.

    Attributes:
        letters: the dead letters that were received, by the request's id.
    """

    target: Target
    stack: Outputs
    key: str
    letters: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def post(
        self, body: object, path: str = "/events", method: str = "POST", **headers: str
    ) -> tuple[int, dict[str, Any]]:
        """Sends JSON, or bytes as they are; in headers' names `_` is `-`, and an empty one is left out."""
        url = urlsplit(self.target.invoke_url(self.stack.api_id, self.stack.api_stage))
        sent = {"x-api-key": self.key, "content-type": "application/json"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        assert url.hostname
        connection = http.client.HTTPConnection(url.hostname, url.port, timeout=30)
        text = body if isinstance(body, bytes) else json.dumps(body).encode()
        connection.request(
            method, url.path + path, text, {name: value for name, value in sent.items() if value}
        )
        response = connection.getresponse()
        answer = json.load(response)
        connection.close()
        return response.status, answer

    def send(self, events: object) -> str:
        """Sends what has to be accepted; returns the request's id."""
        status, answer = self.post(events)
        assert status == 202, answer
        return str(answer["request_id"])

    def items(self, sensor: str) -> list[dict[str, Any]]:
        """The stored items of a sensor, in order."""
        client: DynamoDBClient = self.target.client("dynamodb")
        pages = client.get_paginator("query").paginate(
            TableName=self.stack.table,
            KeyConditionExpression="sensor = :s",
            ExpressionAttributeValues={":s": {"S": sensor}},
            ConsistentRead=True,
        )
        return [dict(item) for page in pages for item in page["Items"]]

    def rows(self, sensor: str) -> list[str]:
        """The ids of a sensor's events in the lake, in order."""
        client: AthenaClient = self.target.client("athena")
        query = client.start_query_execution(
            QueryString=f"select event_id from predictions where sensor = '{sensor}' order by 1",  # noqa: S608
            WorkGroup=self.stack.workgroup,
            QueryExecutionContext={"Database": self.stack.database},
        )["QueryExecutionId"]

        def state() -> str:
            return client.get_query_execution(QueryExecutionId=query)["QueryExecution"]["Status"]["State"]

        until(lambda: state() not in {"QUEUED", "RUNNING"})
        assert state() == "SUCCEEDED"
        found = client.get_query_results(QueryExecutionId=query)["ResultSet"]["Rows"]
        return [row["Data"][0]["VarCharValue"] for row in found[1:]]

    def rejected(self, request_id: str) -> dict[str, list[Any]]:
        """The events of a request that were parked so far, by error."""
        client: SQSClient = self.target.client("sqs")
        url = self.stack.dead_letter_queue_url
        answer = client.receive_message(
            QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"], VisibilityTimeout=60
        )
        for message in answer.get("Messages", []):
            letter = json.loads(message["Body"])
            assert letter["error"] == message["MessageAttributes"]["error"]["StringValue"]
            self.letters.setdefault(letter["request_id"], []).append(letter)
            client.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return {letter["error"]: letter["events"] for letter in self.letters.get(request_id, [])}


@pytest.fixture(scope="module")
def deployed(pipeline: Target, model: str) -> Pipeline:  # noqa: ARG001 (the model must be there)
    stack = outputs(pipeline)
    return Pipeline(pipeline, stack, api_key(pipeline, stack.api_key_id))


@pytest.fixture
def sensor() -> str:
    """A sensor that no other test has."""
    return f"sensor-{uuid.uuid4()}"


def event(sensor: str, *data: float, model: str = "failure-v1") -> dict[str, Any]:
    return {"sensor": sensor, "model": model, "data": list(data or (10, 80, 12))}


def test_an_event_becomes_a_prediction(deployed: Pipeline, sensor: str) -> None:
    request_id = deployed.send({**event(sensor), "timestamp": 1_790_000_000_123})

    until(lambda: bool(deployed.items(sensor)))
    (item,) = deployed.items(sensor)
    assert item["event_key"]["S"] == f"2026-09-21T14:13:20.123Z#{request_id}-0"
    assert item["data"] == {"L": [{"N": "10"}, {"N": "80"}, {"N": "12"}]}
    assert item["endpoint"]["S"] == "nrti-failure-v1"
    assert item["prediction"]["N"] == "1"
    assert 0.5 < float(item["probability"]["N"]) <= 1
    assert int(item["received_at"]["N"]) <= int(item["predicted_at"]["N"])


@pytest.mark.parametrize("name", ['it\'s "a" \\ / é 🛢', "${context} $input #set($x = 1)", "x" * 128])
def test_a_sensor_may_have_any_name(deployed: Pipeline, sensor: str, name: str) -> None:
    name = (name + sensor)[-128:]
    deployed.send(event(name))

    until(lambda: bool(deployed.items(name)))


def test_an_event_that_is_sent_twice_is_stored_once_and_has_one_row(deployed: Pipeline, sensor: str) -> None:
    twice = {**event(sensor), "timestamp": 5, "event_id": "e"}
    deployed.send(twice)
    deployed.send([twice, twice])
    deployed.send({**event(sensor), "timestamp": 6, "event_id": "last"})

    until(lambda: "last" in deployed.rows(sensor))
    assert deployed.rows(sensor) == ["e", "last"]
    assert [item["event_id"]["S"] for item in deployed.items(sensor)] == ["e", "last"]


def test_in_a_batch_each_event_is_judged_by_itself(deployed: Pipeline, sensor: str) -> None:
    unknown, short = event(sensor, model="no-such-model"), event(sensor, 1, 2)

    request_id = deployed.send([event(sensor), unknown, short, event(sensor, 1, 2, 3)])

    until(lambda: len(deployed.rejected(request_id)) == 2 and len(deployed.items(sensor)) == 2)
    completed = {"timestamp": deployed.letters[request_id][0]["received_at"]}
    assert deployed.rejected(request_id) == {
        "UnknownModel": [{**unknown, **completed, "event_id": f"{request_id}-1"}],
        "InvalidData": [{**short, **completed, "event_id": f"{request_id}-2"}],
    }
    causes = {letter["error"]: letter["cause"] for letter in deployed.letters[request_id]}
    assert causes["UnknownModel"] == "Endpoint nrti-no-such-model of account 000000000000 not found."
    assert "3" in causes["InvalidData"]


def test_a_request_that_outgrows_a_state_loses_nothing(deployed: Pipeline, sensor: str) -> None:
    long = [event(sensor, *[i + 0.123456789] * 512) for i in range(25)]

    request_id = deployed.send(long)

    def parked() -> list[Any]:
        deployed.rejected(request_id)
        return [e for letter in deployed.letters.get(request_id, []) for e in letter["events"]]

    until(lambda: len(parked()) == 25)
    assert [each["data"] for each in parked()] == [each["data"] for each in long]
    assert len(deployed.letters[request_id]) > 1


GOOD = event("wrong-inputs")


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
        ({**GOOD, "data": [1] * 513}, 400, "512"),
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
def test_a_bad_body_is_told_what_is_wrong_with_it(
    deployed: Pipeline, body: object, status: int, message: str
) -> None:
    answer = deployed.post(body)

    assert answer[0] == status
    assert message in answer[1]["message"]


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
def test_a_bad_request_is_told_what_is_wrong_with_it(
    deployed: Pipeline, request_: dict[str, str], status: int, message: str
) -> None:
    answer = deployed.post(GOOD, **request_)

    assert answer[0] == status
    assert message in answer[1]["message"]


def test_after_all_that_the_pipeline_goes_on(deployed: Pipeline, sensor: str) -> None:
    deployed.send([event(sensor)] * 25)

    until(lambda: len(deployed.items(sensor)) == 25)
    assert deployed.items("wrong-inputs") == []

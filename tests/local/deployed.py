"""A client of the deployed pipeline's two ends: its HTTP contract, and what is stored or parked."""

from __future__ import annotations

import http.client
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from nrti_cli.aws.target import Target
from nrti_cli.stack.outputs import Outputs
from tests.waiting import eventually

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
    ) -> tuple[int, Any]:
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

        assert eventually(state, lambda state: state not in {"QUEUED", "RUNNING"}) == "SUCCEEDED"
        found = client.get_query_results(QueryExecutionId=query)["ResultSet"]["Rows"]
        return [row["Data"][0]["VarCharValue"] for row in found[1:]]

    def rejected(self, request_id: str) -> dict[str, list[Any]]:
        """The events of a request that were parked so far, by error."""
        self.receive()
        return {letter["error"]: letter["events"] for letter in self.letters.get(request_id, [])}

    def receive(self) -> bool:
        """Takes some dead letters out of the queue, if there are any."""
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
        return bool(answer.get("Messages"))


def event(sensor: str, *data: float, model: str = "failure-v1") -> dict[str, Any]:
    return {"sensor": sensor, "model": model, "data": list(data or (10, 80, 12))}

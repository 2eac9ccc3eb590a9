"""Invokes a delivery stream's transform function as Firehose does."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nrti_local.firehose.source import Record
from nrti_local.settings import REGION

if TYPE_CHECKING:
    from mypy_boto3_lambda.client import LambdaClient

#: Firehose retries a failed batch three times.
_ATTEMPTS = 4
_RETRY_SECONDS = 0.5


@dataclass(frozen=True)
class Transformed:
    """The result of a batch: `rows` are JSON documents, `failed` are records with the reason."""

    rows: list[bytes]
    failed: list[tuple[Record, str]]


class Transform:
    """A transform function."""

    def __init__(
        self,
        functions: LambdaClient,
        function_arn: str,
        delivery_stream: str,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._functions = functions
        self._function_arn = function_arn
        self._delivery_stream = delivery_stream
        self._sleep = sleep

    def __call__(self, records: list[Record]) -> Transformed:
        """Transforms a batch; if every attempt fails, all of its records are failed ones."""
        event = self._event(records)
        error = ""
        for attempt in range(_ATTEMPTS):
            if attempt:
                self._sleep(_RETRY_SECONDS)
            answer = self._functions.invoke(FunctionName=self._function_arn, Payload=event)
            payload = answer["Payload"].read()
            if "FunctionError" not in answer:
                return _sort(records, json.loads(payload))
            error = payload.decode(errors="replace")[:1000]
        return Transformed([], [(record, error) for record in records])

    def _event(self, records: list[Record]) -> bytes:
        document = {
            "invocationId": records[0].sequence_number,
            "deliveryStreamArn": self._delivery_stream,
            "region": REGION,
            "records": [
                {
                    "recordId": str(index),
                    "approximateArrivalTimestamp": int(record.arrival.timestamp() * 1000),
                    "data": base64.b64encode(record.data).decode(),
                    "kinesisRecordMetadata": {
                        "shardId": record.shard,
                        "sequenceNumber": record.sequence_number,
                    },
                }
                for index, record in enumerate(records)
            ],
        }
        return json.dumps(document).encode()


def _sort(records: list[Record], answer: dict[str, Any]) -> Transformed:
    """Sorts the answer; like Firehose it treats a record that is missing in it as failed."""
    results = {int(result["recordId"]): result for result in answer["records"]}
    rows: list[bytes] = []
    failed: list[tuple[Record, str]] = []
    for index, record in enumerate(records):
        result = results.get(index, {"result": "ProcessingFailed"})
        if result["result"] == "Ok":
            rows.append(base64.b64decode(result["data"]))
        elif result["result"] != "Dropped":
            failed.append((record, "the transform function returned ProcessingFailed"))
    return Transformed(rows, failed)

"""CloudWatch in this process, as the embedded AWS has it."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest
from ministack.core.responses import request_scope
from ministack.services import cloudwatch

from nrti_local.cloudwatch.metric_operations import PATCHES
from nrti_local.server.asgi import Answer

_HANDLE = PATCHES[0].replace(cloudwatch.handle_request)
#: Ten minutes ago, at the beginning of an hour's minute: older points would not be kept.
START = int(time.time()) // 60 * 60 - 600


@dataclass(frozen=True)
class Metrics:
    """A namespace of its own."""

    namespace: str

    def send(self, operation: str, **request: Any) -> Any:
        """The members of an answer, or the code of an error."""
        headers = {"x-amz-target": f"GraniteServiceVersion20100801.{operation}"}
        status, _, body = self.raw(headers, json.dumps(request).encode())
        members = json.loads(body or b"{}")
        return members["__type"] if status >= 400 else members

    def raw(self, headers: dict[str, str], body: bytes) -> Answer:
        """The answer to a request in any protocol."""
        answer: Answer = asyncio.run(_HANDLE("POST", "/", headers, body, {}))
        return answer

    def put(self, name: str, *values: float, unit: str = "None", **dimensions: str) -> None:
        """Publishes a value a minute, from the start on."""
        named = [{"Name": key, "Value": value} for key, value in dimensions.items()]
        data = [
            {"MetricName": name, "Value": v, "Unit": unit, "Dimensions": named, "Timestamp": START + 60 * n}
            for n, v in enumerate(values)
        ]
        self.send("PutMetricData", Namespace=self.namespace, MetricData=data)

    def statistics(self, name: str, *statistics: str, **request: Any) -> Any:
        """The datapoints of a metric, or the code of an error."""
        usual: dict[str, Any] = {"StartTime": START, "EndTime": START + 600, "Period": 60}
        usual["Statistics"] = statistics
        usual |= {"Namespace": self.namespace, "MetricName": name, **request}
        given = {name: value for name, value in usual.items() if value is not None}
        answer = self.send("GetMetricStatistics", **given)
        return answer if isinstance(answer, str) else answer["Datapoints"]

    def query(self, name: str, key: str = "m1", stat: str = "Sum", **dimensions: str) -> dict[str, Any]:
        """A query of GetMetricData for a metric."""
        named = [{"Name": each, "Value": value} for each, value in dimensions.items()]
        metric = {"Namespace": self.namespace, "MetricName": name, "Dimensions": named}
        return {
            "Id": key,
            "MetricStat": {"Metric": metric, "Period": 60, "Stat": stat},
            "ReturnData": False,
        }

    def data(self, *queries: dict[str, Any], **request: Any) -> Any:
        """The results of GetMetricData, the oldest values first, or the code of an error."""
        usual = {"StartTime": START, "EndTime": START + 240, "ScanBy": "TimestampAscending"}
        answer = self.send("GetMetricData", MetricDataQueries=list(queries), **{**usual, **request})
        return answer if isinstance(answer, str) else answer["MetricDataResults"]


@pytest.fixture
def metrics() -> Iterator[Metrics]:
    """An empty namespace."""
    with request_scope("000000000000", "us-east-1"):
        yield Metrics(f"Test/{uuid4().hex}")

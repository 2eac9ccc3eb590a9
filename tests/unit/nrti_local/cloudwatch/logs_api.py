"""CloudWatch Logs in this process, as the embedded AWS has it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest
from ministack.core.responses import request_scope
from ministack.services import cloudwatch_logs

from nrti_local.cloudwatch.log_operations import PATCHES

_HANDLE = PATCHES[0].replace(cloudwatch_logs.handle_request)
#: Of the first event, in milliseconds since 1970.
START = 1_764_000_000_000


@dataclass(frozen=True)
class Logs:
    """A log group of its own, with one stream `s`."""

    group: str

    def ask(self, operation: str, **request: Any) -> Any:
        """The members of an answer, or the code of an error."""
        status, members = self.answer(operation, **request)
        return members["__type"] if status >= 400 else members

    def answer(self, operation: str, **request: Any) -> tuple[int, Any]:
        """The status and the members of an answer."""
        headers = {"x-amz-target": f"Logs_20140328.{operation}"}
        status, _, body = asyncio.run(_HANDLE("POST", "/", headers, json.dumps(request).encode(), {}))
        return status, json.loads(body or b"{}")

    def write(self, *messages: str, stream: str = "s", at: int = START) -> None:
        """Writes events, a second after each other."""
        events = [{"timestamp": at + 1000 * n, "message": message} for n, message in enumerate(messages)]
        self.ask("PutLogEvents", logGroupName=self.group, logStreamName=stream, logEvents=events)

    def query(self, text: str, **request: Any) -> Any:
        """The rows of a query without their pointers, or the code of an error."""
        usual = {"logGroupName": self.group, "startTime": START // 1000, "endTime": START // 1000 + 3600}
        started = self.ask("StartQuery", queryString=text, **{**usual, **request})
        if isinstance(started, str):
            return started
        rows = self.ask("GetQueryResults", **started)["results"]
        return [{each["field"]: each["value"] for each in row if each["field"] != "@ptr"} for row in rows]


@pytest.fixture
def log() -> Iterator[Logs]:
    """An empty log group."""
    with request_scope("000000000000", "us-east-1"):
        made = Logs(f"/test/{uuid4()}")
        made.ask("CreateLogGroup", logGroupName=made.group)
        made.ask("CreateLogStream", logGroupName=made.group, logStreamName="s")
        yield made
        made.ask("DeleteLogGroup", logGroupName=made.group)

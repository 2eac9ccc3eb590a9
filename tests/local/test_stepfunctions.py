"""The patched EXPRESS workflows and Lambda workers, on a small stack."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from nrti_local.lambda_.pool import MAX_WORKERS
from tests.local import patched, small_stack
from tests.local.patched import Patched
from tests.local.small_stack import SmallStack
from tests.waiting import eventually

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient
    from mypy_boto3_lambda.client import LambdaClient
    from mypy_boto3_logs.client import CloudWatchLogsClient
    from mypy_boto3_stepfunctions.client import SFNClient


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Patched]:
    with patched.start(tmp_path_factory.mktemp("state")) as started:
        yield started


@pytest.fixture(scope="module")
def small(running: Patched) -> SmallStack:
    return small_stack.deploy(running.target)


def test_an_exception_is_caught_by_its_class(small: SmallStack) -> None:
    assert small.post({"sensor": "raises"})[0] == 202
    message = small.parked()
    assert message["MessageAttributes"]["error"]["StringValue"] == "LookupError"
    parked = json.loads(message["Body"])
    assert parked["events"] == [{"sensor": "raises"}]
    cause = json.loads(parked["cause"])
    assert (cause["errorType"], cause["errorMessage"]) == ("LookupError", "no such sensor")
    assert "raise LookupError" in cause["stackTrace"][-1]


def test_a_dead_worker_is_reported_as_such(small: SmallStack) -> None:
    assert small.post({"sensor": "dies"})[0] == 202
    assert small.parked()["MessageAttributes"]["error"]["StringValue"] == "Runtime.ExitError"


def test_an_exception_keeps_the_worker_warm(small: SmallStack) -> None:
    before = _invoke(small, "steady")["pid"]
    assert _invoke(small, "raises")["errorType"] == "LookupError"
    assert _invoke(small, "steady")["pid"] == before


def _invoke(small: SmallStack, sensor: str) -> Any:
    client: LambdaClient = small.target.client("lambda")
    payload = json.dumps({"events": [{"sensor": sensor}]})
    return json.load(client.invoke(FunctionName=small.ids["Function"], Payload=payload)["Payload"])


def test_a_burst_waits_for_few_workers(small: SmallStack) -> None:
    names = {f"burst-{number}" for number in range(60)}
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda name: small.post({"sensor": name})[0], names))
    assert answers == [202] * 60
    eventually(small.sensors, lambda sensors: names <= sensors)
    dynamodb: DynamoDBClient = small.target.client("dynamodb")
    items = dynamodb.scan(TableName=small.ids["Table"])["Items"]
    assert len({item["pid"]["N"] for item in items if item["id"]["S"] in names}) <= MAX_WORKERS


def test_express_executions_are_not_kept(small: SmallStack) -> None:
    states: SFNClient = small.target.client("stepfunctions")
    assert small.post({"sensor": "gone"})[0] == 202
    eventually(small.sensors, lambda sensors: "gone" in sensors)
    assert states.list_executions(stateMachineArn=small.ids["Machine"])["executions"] == []


def test_a_synchronous_execution_answers_its_output(small: SmallStack) -> None:
    states: SFNClient = small.target.client("stepfunctions")
    given = {"events": [{"sensor": "sync"}], "request_id": "r", "received_at": 1}
    done = states.start_sync_execution(stateMachineArn=small.ids["Machine"], input=json.dumps(given))
    assert done["status"] == "SUCCEEDED"
    assert json.loads(done["output"])["left"] == "{}"


def test_an_api_waits_only_so_long_and_the_execution_goes_on(small: SmallStack) -> None:
    answer = small.post([{"sensor": "slow"}, {"sensor": "patient"}], path="/impatient")
    assert answer == (504, {"message": "Endpoint request timed out"})
    eventually(small.sensors, lambda sensors: "patient" in sensors)


def test_an_input_that_is_not_json_is_refused(small: SmallStack) -> None:
    states: SFNClient = small.target.client("stepfunctions")
    with pytest.raises(states.exceptions.InvalidExecutionInput):
        states.start_execution(stateMachineArn=small.ids["Machine"], input="{")


def test_of_a_failed_execution_the_failures_are_logged_and_not_its_input(small: SmallStack) -> None:
    assert small.post({"sensor": "fails"})[0] == 202
    logs: CloudWatchLogsClient = small.target.client("logs")
    events = eventually(
        lambda: logs.filter_log_events(logGroupName="/states/small", filterPattern="ExecutionFailed")[
            "events"
        ]
    )
    arn = json.loads(events[0]["message"])["execution_arn"]
    events = logs.filter_log_events(logGroupName="/states/small", filterPattern=f'"{arn}"')["events"]
    entries = [json.loads(event["message"]) for event in events]
    assert [entry["type"] for entry in entries] == ["TaskFailed", "ExecutionFailed"]
    assert all(entry["details"]["error"].startswith("DynamoDb.") for entry in entries)
    assert not any("input" in entry["details"] for entry in entries)


def test_the_logs_of_a_function_are_in_one_stream_a_day(small: SmallStack) -> None:
    for _ in range(2):
        _invoke(small, "raises")
    logs: CloudWatchLogsClient = small.target.client("logs")
    group = f"/aws/lambda/{small.ids['Function']}"
    # Two when the test meets midnight.
    assert len(logs.describe_log_streams(logGroupName=group)["logStreams"]) <= 2
    lines = [event["message"] for event in logs.filter_log_events(logGroupName=group)["events"]]
    assert "[ERROR] LookupError: no such sensor" in lines


def test_a_shutdown_works_off_what_was_accepted(tmp_path: Path) -> None:
    with patched.start(tmp_path) as first:
        before = small_stack.deploy(first.target)
        for number in range(8):
            assert before.post([{"sensor": "slow"}, {"sensor": f"late-{number}"}])[0] == 202
    with patched.start(tmp_path) as second:
        assert small_stack.of(second.target).sensors() == {"slow", *(f"late-{number}" for number in range(8))}


def test_workers_die_with_a_killed_server(tmp_path: Path) -> None:
    with patched.start(tmp_path) as server:
        pid = _invoke(small_stack.deploy(server.target), "any")["pid"]
        server.process.kill()
    eventually(lambda: not _alive(pid))


def _alive(pid: int) -> bool:
    """Whether a process runs; one that is dead but not collected does not."""
    try:
        os.kill(pid, 0)
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except (ProcessLookupError, FileNotFoundError):
        return False

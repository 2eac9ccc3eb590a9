"""`nrti logs` on the embedded AWS, and what CloudWatch Logs answers there."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from typing import Any

import pytest

from nrti_cli.aws.target import Target
from tests.local.conftest import Nrti
from tests.local.deployed import Pipeline, event
from tests.local.own import NRTI

GROUP = "/test/pages"


def test_what_the_parts_log_is_shown_by_origin(
    nrti: Nrti, deployed: Pipeline, model: str, sensor: str
) -> None:
    request = deployed.post(event(sensor), "/predictions")[1]["event_id"].rpartition("-")[0]

    every, one = nrti("logs", "--since", "1h"), nrti("logs", "inference", "--format", "json")

    assert every.returncode == 0, every.stderr
    assert f"inference  {'':{len(model)}}" in every.stdout
    assert "training" in every.stdout
    times = [line[:23] for line in every.stdout.splitlines()]
    assert times == sorted(times)
    records = [json.loads(line) for line in one.stdout.splitlines()]
    assert request in {_request_id(record["message"]) for record in records}
    assert {record["origin"] for record in records} == {"inference"}


def _request_id(message: str) -> str:
    return str(json.loads(message)["request_id"]) if message.startswith("{") else ""


def test_a_training_job_is_shown_whole(nrti: Nrti, pipeline: Target, model: str) -> None:  # noqa: ARG001
    (job,) = [
        each["source"]
        for each in json.loads(nrti("models", "--format", "json").stdout)
        if each["name"] == model
    ]

    shown = nrti("logs", "training", job)

    assert "5000 sequences of 3" in shown.stdout
    assert "training" not in shown.stdout.split()[2]


@pytest.mark.usefixtures("pipeline")
@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (("endpoint", "never-was"), 1, "model 'never-was' does not exist"),
        (("endpoint", "never-was", "--follow"), 1, "model 'never-was' does not exist"),
        (("training", "nrti-never-was-1"), 1, "training job 'nrti-never-was-1' does not exist"),
        (("api",), 1, "/aws/apigateway/nrti does not exist yet: nrti bootstrap --access-logs own creates it"),
        (("delivery", "--since", "1s"), 0, "no log events since"),
        (("--stack", "nope"), 1, "stack 'nope' does not exist"),
        (("workflow", "x"), 2, "workflow is a single log"),
    ],
)
def test_what_is_not_there_is_said(
    nrti: Nrti,
    arguments: tuple[str, ...],
    status: int,
    said: str,
) -> None:
    done = nrti("logs", *arguments)

    assert (done.returncode, done.stdout) == (status, "")
    assert said in done.stderr


def test_the_api_logs_requests_when_asked(nrti: Nrti, deployed: Pipeline, sensor: str) -> None:
    assert nrti("bootstrap", "--access-logs", "own").returncode == 0

    request = deployed.post(event(sensor), "/predictions")[1]["event_id"].rpartition("-")[0]
    deployed.post({"sensor": sensor})
    logged = [json.loads(line) for line in nrti("logs", "api", "--format", "json").stdout.splitlines()]
    assert nrti("bootstrap", "--access-logs", "off").returncode == 0
    deployed.post({"sensor": sensor})

    judged, refused = [json.loads(each["message"]) for each in logged]
    assert (judged["request_id"].rstrip("="), judged["status"], judged["error"]) == (request, 200, "-")
    assert (judged["method"], judged["path"]) == ("POST", "/v1/predictions")
    assert judged["key_id"] == deployed.stack.api_key_id
    assert (refused["status"], refused["error"]) == (400, "BAD_REQUEST_BODY")
    assert nrti("logs", "api").stdout == ""  # CloudFormation deletes the log group
    # CloudFormation leaves the region's setting, which would name a role that no longer exists.
    assert "cloudwatchRoleArn" not in deployed.target.client("apigateway").get_account()


def test_it_follows_until_ctrl_c(deployed: Pipeline, sensor: str) -> None:
    with subprocess.Popen(
        [NRTI, "logs", "inference", "--follow", "--format", "json"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=dict(os.environ),
    ) as following:  # fmt: skip
        assert following.stdout
        deployed.post(event(sensor), "/predictions")
        assert following.stdout.readline()
        request = deployed.post(event(sensor), "/predictions")[1]["event_id"].rpartition("-")[0]
        assert any(request in line for line in following.stdout)
        following.send_signal(signal.SIGINT)
        assert following.wait(timeout=30) == 0


@pytest.fixture
def log(pipeline: Target) -> Iterator[Any]:
    client = pipeline.client("logs")
    client.create_log_group(logGroupName=GROUP)
    now = int(time.time() * 1000)
    for stream in ("a-1", "a-2", "b-1"):
        client.create_log_stream(logGroupName=GROUP, logStreamName=stream)
        # Several of a moment, some of them alike: a page may end between them.
        events = [{"timestamp": now + number // 4, "message": f"{number // 2}"} for number in range(12)]
        client.put_log_events(logGroupName=GROUP, logStreamName=stream, logEvents=events)
    yield client
    client.delete_log_group(logGroupName=GROUP)


@pytest.mark.parametrize("size", [1, 5, 100])
def test_pages_of_a_filter_hold_each_event_once(log: Any, size: int) -> None:
    pages = log.get_paginator("filter_log_events").paginate(
        logGroupName=GROUP, logStreamNamePrefix="a-", PaginationConfig={"PageSize": size}
    )
    events = [each for page in pages for each in page["events"]]

    assert {each["logStreamName"] for each in events} == {"a-1", "a-2"}
    assert len({each["eventId"] for each in events}) == len(events) == 24
    assert [each["timestamp"] for each in events] == sorted(each["timestamp"] for each in events)


def test_an_event_of_a_function_keeps_its_id(deployed: Pipeline, sensor: str) -> None:
    deployed.post(event(sensor), "/predictions")
    client = deployed.target.client("logs")

    def ids() -> list[str]:
        found = client.filter_log_events(logGroupName="/aws/lambda/nrti-inference", limit=50)
        return [each["eventId"] for each in found["events"]]

    first = ids()
    assert first == ids()
    assert len(set(first)) == len(first) > 0


def test_filters_queries_and_metrics_of_a_log_group(embedded: Target) -> None:
    logs, cloudwatch, group = embedded.client("logs"), embedded.client("cloudwatch"), "/test/filtered"
    logs.create_log_group(logGroupName=group)
    logs.create_log_stream(logGroupName=group, logStreamName="s")
    logs.put_metric_filter(
        logGroupName=group,
        filterName="errors",
        filterPattern='{ $.level = "ERROR" }',
        metricTransformations=[{"metricNamespace": "test", "metricName": "N", "metricValue": "$.n"}],
    )
    at = int(time.time() * 1000)
    events = [
        {"timestamp": at, "message": message}
        for message in ('{"level":"ERROR","n":1.5}', '{"level":"INFO","n":2}', "plain WARN")
    ]
    logs.put_log_events(logGroupName=group, logStreamName="s", logEvents=events)

    def found(pattern: str) -> list[str]:
        answer = logs.filter_log_events(logGroupName=group, filterPattern=pattern)
        return [event["message"] for event in answer["events"]]

    def rows(query: str) -> list[dict[str, str]]:
        span = {"startTime": at // 1000 - 60, "endTime": at // 1000 + 60}
        started = logs.start_query(logGroupName=group, queryString=query, **span)
        answer = logs.get_query_results(queryId=started["queryId"])
        assert answer["status"] == "Complete"
        return [{each["field"]: each["value"] for each in row} for row in answer["results"]]

    assert found('{ $.level = "ERROR" }') == ['{"level":"ERROR","n":1.5}']
    assert found("?WARN ?nothing") == found("%W.RN%") == found("[first, second]") == ["plain WARN"]
    assert rows("stats count(*) as c") == [{"c": "3"}]
    assert [row["n"] for row in rows('filter level="ERROR" | fields n')] == ["1.5"]
    with pytest.raises(logs.exceptions.MalformedQueryException):
        rows("nonsense ||")
    metric: Any = {"Metric": {"Namespace": "test", "MetricName": "N"}, "Period": 60, "Stat": "Sum"}
    (doubled,) = cloudwatch.get_metric_data(
        MetricDataQueries=[
            {"Id": "m1", "MetricStat": metric, "ReturnData": False},
            {"Id": "e1", "Expression": "m1 * 2"},
        ],
        StartTime=at / 1000 - 60,
        EndTime=at / 1000 + 60,
    )["MetricDataResults"]
    assert doubled["Values"] == [3.0]

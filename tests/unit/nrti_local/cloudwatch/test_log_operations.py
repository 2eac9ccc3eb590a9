"""FilterLogEvents in pages, metric filters, and what of CloudWatch Logs is refused."""

from __future__ import annotations

import time
from typing import Any

import pytest

from nrti_local.cloudwatch import logs, statistics
from tests.unit.nrti_local.cloudwatch import logs_api
from tests.unit.nrti_local.cloudwatch.logs_api import START, Logs

log = logs_api.log
MINUTE = 60


def _filtered(log: Logs, **request: Any) -> Any:
    return log.ask("FilterLogEvents", logGroupName=log.group, **request)


def test_a_page_ends_within_a_time_and_the_next_begins_there(log: Logs) -> None:
    for message in ("INFO", "ERROR first", "ERROR", "ERROR", "INFO", "ERROR"):
        log.write(message)

    pages = [_filtered(log, filterPattern="ERROR", limit=3)]
    pages.append(_filtered(log, filterPattern="ERROR", limit=3, nextToken=pages[0]["nextToken"]))

    assert [len(page["events"]) for page in pages] == [3, 1]
    assert "nextToken" not in pages[1]
    assert len({event["eventId"] for page in pages for event in page["events"]}) == 4


def test_events_of_some_streams_between_times(log: Logs) -> None:
    for stream in ("t1", "t2"):
        log.ask("CreateLogStream", logGroupName=log.group, logStreamName=stream)
    log.write("a", "b", "c", stream="t1")
    log.write("d", stream="t2", at=START + 1500)
    log.write("e")

    found = _filtered(log, logStreamNamePrefix="t", startTime=START + 1000, endTime=START + 1500)["events"]

    assert [(event["logStreamName"], event["message"]) for event in found] == [("t1", "b"), ("t2", "d")]
    assert _filtered(log, logStreamNames=["s"])["events"][0]["message"] == "e"
    assert _filtered(log, logStreamNamePrefix="none")["events"] == []


def test_a_log_group_by_its_arn(log: Logs) -> None:
    log.write("a")
    arn = f"arn:aws:logs:us-east-1:000000000000:log-group:{log.group}"

    assert len(log.ask("FilterLogEvents", logGroupIdentifier=arn)["events"]) == 1


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        ({"filterPattern": "{ $.a"}, "InvalidParameterException"),
        ({"nextToken": "other"}, "InvalidParameterException"),
        ({"logStreamNames": ["s"], "logStreamNamePrefix": "s"}, "InvalidParameterException"),
        ({"startFromHead": False}, "InvalidParameterException"),
        ({"limit": 0}, "InvalidParameterException"),
        ({"logStreamNames": ["none"]}, "ResourceNotFoundException"),
    ],
)
def test_wrong_requests_for_events(log: Logs, request_: dict[str, Any], code: str) -> None:
    assert _filtered(log, **request_) == code


def test_a_group_that_does_not_exist(log: Logs) -> None:
    assert log.ask("FilterLogEvents", logGroupName="/none") == "ResourceNotFoundException"
    assert log.query("fields @message", logGroupName="/none") == "ResourceNotFoundException"


def _transformed(log: Logs, pattern: str, **transformation: Any) -> Any:
    made = {"metricNamespace": log.group, "metricName": "Counted", "metricValue": "1", **transformation}
    return log.ask(
        "PutMetricFilter",
        logGroupName=log.group,
        filterName="filter",
        filterPattern=pattern,
        metricTransformations=[made],
    )


def _counted(log: Logs, dimensions: dict[str, str] | None = None) -> statistics.Statistics:
    metric = statistics.Metric(log.group, "Counted", dimensions or {})
    return statistics.total(statistics.points(metric, time.time() - MINUTE, time.time() + MINUTE))


def test_events_that_match_a_metric_filter_are_counted(log: Logs) -> None:
    assert _transformed(log, "{ $.status = 429 }") == {}

    log.write('{"status": 429}', '{"status": 200}', "no JSON")
    logs.append(log.group, "s", ['{"status": 429}'])

    assert _counted(log).sum == 2


def test_a_metric_has_the_values_of_a_field_and_a_default(log: Logs) -> None:
    _transformed(log, "[name, bytes > 0]", metricValue="$bytes", defaultValue=0.0)

    log.write("a 1234", "b 7", "c 0", "d")

    assert _counted(log) == statistics.Statistics(count=4, sum=1241, minimum=0, maximum=1234)


def test_a_metric_has_dimensions_from_fields(log: Logs) -> None:
    _transformed(log, "{ $.ms = * }", metricValue="$.ms", dimensions={"Path": "$.path"})

    log.write('{"ms": 12.345, "path": "/a"}', '{"ms": 5, "path": "/b"}', '{"ms": 5}')

    assert _counted(log, {"Path": "/a"}).sum == 12.345
    assert _counted(log).count == 0


@pytest.mark.parametrize(
    ("pattern", "transformation"),
    [
        ("{ $.a", {}),
        ("ERROR", {"metricValue": "$.a"}),
        ("{ $.a = 1 }", {"metricValue": "a"}),
        ("ERROR", {"dimensions": {"A": "$.a"}}),
        ("{ $.a = 1 }", {"dimensions": {"A": "$.a"}, "defaultValue": 0.0}),
    ],
)
def test_wrong_metric_filters(log: Logs, pattern: str, transformation: dict[str, Any]) -> None:
    assert _transformed(log, pattern, **transformation) == "InvalidParameterException"
    assert log.ask("DescribeMetricFilters", logGroupName=log.group)["metricFilters"] == []


def test_a_pattern_is_tested_without_a_log(log: Logs) -> None:
    found = log.ask("TestMetricFilter", filterPattern="[w, n > 1]", logEventMessages=["a 1", "a 2"])

    assert found["matches"] == [
        {"eventNumber": 2, "eventMessage": "a 2", "extractedValues": {"$w": "a", "$n": "2"}}
    ]


@pytest.mark.parametrize("pattern", ["-ERROR", '{ $.a = "b" }', '"a b"', "?a ?b"])
def test_patterns_that_ministack_would_read_otherwise_are_refused(log: Logs, pattern: str) -> None:
    subscription = {"logGroupName": log.group, "filterName": "f", "destinationArn": "arn:aws:lambda:x"}
    arn = f"arn:aws:logs:us-east-1:000000000000:log-group:{log.group}"

    refused = log.ask("PutSubscriptionFilter", filterPattern=pattern, **subscription)
    tailed = log.ask("StartLiveTail", logGroupIdentifiers=[arn], logEventFilterPattern=pattern)

    assert refused == tailed == "InvalidParameterException"
    assert log.ask("PutSubscriptionFilter", filterPattern="ERROR WARN", **subscription) == {}


def test_the_pages_of_a_result(log: Logs) -> None:
    log.write("a", "b", "c")
    span = {"startTime": START, "endTime": START + 1000}  # milliseconds, which AWS takes, too
    query = log.ask("StartQuery", logGroupNames=[log.group], queryString="fields @message", **span)

    first = log.ask("GetQueryResults", maxItems=1, **query)
    second = log.ask("GetQueryResults", maxItems=1, nextToken=first["nextToken"], **query)

    assert [page["results"][0][0]["value"] for page in (first, second)] == ["b", "a"]
    assert "nextToken" not in second
    assert first["statistics"] == {"recordsMatched": 2, "recordsScanned": 2, "bytesScanned": 2}
    (described,) = log.ask("DescribeQueries", logGroupName=log.group)["queries"]
    assert (described["status"], described["queryId"]) == ("Complete", query["queryId"])
    source = f'SOURCE "{log.group}" START={START} END={START + 1999} | fields @message'
    assert described["queryString"] == source
    assert log.ask("StopQuery", **query) == "InvalidParameterException"


def test_the_event_of_a_row(log: Logs) -> None:
    log.write('{"n": 1}', "other")
    query = log.ask(
        "StartQuery",
        logGroupName=log.group,
        queryString="filter n = 1",
        startTime=0,
        endTime=START // 1000 + 9,
    )
    ((*_, pointer),) = log.ask("GetQueryResults", **query)["results"]

    record = log.ask("GetLogRecord", logRecordPointer=pointer["value"])["logRecord"]

    assert (record["n"], record["@message"], record["@logStream"]) == ("1", '{"n": 1}', "s")
    assert log.ask("GetLogRecord", logRecordPointer="other") == "InvalidParameterException"
    assert log.ask("GetLogRecord", logRecordPointer="e30=") == "InvalidParameterException"


@pytest.mark.parametrize(
    "request_", [{"queryLanguage": "SQL"}, {"startTime": START // 1000 + 9999}, {"logGroupNames": ["/other"]}]
)
def test_wrong_queries(log: Logs, request_: dict[str, Any]) -> None:
    assert log.query("fields @message", **request_) == "InvalidParameterException"


def test_a_malformed_query_names_its_place(log: Logs) -> None:
    request = {"logGroupName": log.group, "startTime": 0, "endTime": 1, "queryString": "fields a | count()"}

    status, answer = log.answer("StartQuery", **request)

    assert status == 400
    assert answer["message"].startswith("mismatched input 'count' expecting")
    assert answer["queryCompileError"]["location"] == {"startCharOffset": 11, "endCharOffset": 16}


@pytest.mark.parametrize(
    ("times", "message"),
    [
        ((1000, 0), "Log events in a single PutLogEvents request must be in chronological order."),
        (
            (0, 24 * 3_600_000 + 1),
            "The batch of log events in a single PutLogEvents request cannot span more than 24 hours.",
        ),
    ],
)
def test_events_of_a_request_are_in_order_within_a_day(
    log: Logs, times: tuple[int, int], message: str
) -> None:
    events = [{"timestamp": START + at, "message": "a"} for at in times]

    status, answer = log.answer("PutLogEvents", logGroupName=log.group, logStreamName="s", logEvents=events)

    assert (status, answer["__type"], answer["message"]) == (400, "InvalidParameterException", message)
    assert _filtered(log)["events"] == []


def test_streams_of_a_prefix_are_in_the_order_of_their_names(log: Logs) -> None:
    request = {"logGroupName": log.group, "logStreamNamePrefix": "s"}

    assert [each["logStreamName"] for each in log.ask("DescribeLogStreams", **request)["logStreams"]] == ["s"]
    status, answer = log.answer("DescribeLogStreams", orderBy="LastEventTime", **request)
    assert (status, answer["message"]) == (400, "Cannot order by LastEventTime with a logStreamNamePrefix.")

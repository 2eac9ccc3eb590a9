"""Queries of Logs Insights: the examples of AWS's pages, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.unit.nrti_local.cloudwatch import logs_api
from tests.unit.nrti_local.cloudwatch.logs_api import START, Logs

log = logs_api.log
#: A query and the rows of its result, then an empty line.
QUERIES = (Path(__file__).parent / "queries.txt").read_text().strip().split("\n\n")
MESSAGES = (
    '{"level": "ERROR", "n": 1, "ok": false, "user": {"roles": ["admin", "dev"]}, "foo-bar": "x"}',
    '{"level": "INFO", "n": 20, "ok": true, "ip": "10.0.0.7", "path": "/a/b"}',
    '25 May 2019 10:24:39,474 [ERROR] {"n": "3"} The error was: DataIntegrityException',
    "plain WARN user=anna, method:GET, latency := 12",
)


@pytest.mark.parametrize("case", QUERIES)
def test_queries(log: Logs, case: str) -> None:
    query, _, rows = case.rpartition("\n")
    log.write(*MESSAGES)

    assert log.query(query) == json.loads(rows)


def test_without_fields_a_row_is_an_event_and_the_newest_comes_first(log: Logs) -> None:
    log.write("a", "b")

    assert log.query("limit 1") == [{"@timestamp": "2025-11-24 16:00:01.000", "@message": "b"}]


def test_a_sort_has_texts_in_natural_order_before_numbers(log: Logs) -> None:
    values = [
        "!",
        "#",
        "*%04",
        "0#",
        "5A",
        "111A",
        "2345_",
        "@",
        "@_",
        "A",
        "A9876fghj",
        "a12345hfh",
        "0",
        "1",
        "2",
    ]
    log.write(*reversed(values))

    ascending, descending = (
        [row["@message"] for row in log.query(f"fields @message | sort @message {order}")]
        for order in ("asc", "desc")
    )

    assert ascending == values
    assert descending == values[::-1]


@pytest.mark.usefixtures("log")
def test_lines_of_lambda_have_fields() -> None:
    made = Logs("/aws/lambda/measured")
    made.ask("CreateLogGroup", logGroupName=made.group)
    made.ask("CreateLogStream", logGroupName=made.group, logStreamName="s")
    made.write(
        "START RequestId: r",
        "REPORT RequestId: r\tDuration: 2.51 ms\tBilled Duration: 3 ms\tMemory Size: 128 MB",
    )

    found = made.query('filter @type = "REPORT" | fields @requestId, @duration, @billedDuration, @memorySize')

    assert found == [
        {"@requestId": "r", "@duration": "2.51", "@billedDuration": "3", "@memorySize": "128000000"}
    ]
    made.ask("DeleteLogGroup", logGroupName=made.group)


@pytest.mark.parametrize(
    "query",
    [
        "nonsense ||",
        "fields @message | nonsense",
        "fields @timestamp, custom | count()",
        "",
        "fields",
        "fields a b",
        "filter level ~ 'x'",
        "filter level like level",
        "filter n in (1, 2)",
        "filter count(*) > 1",
        "filter nosuch(n) = 1",
        "fields strlen()",
        "stats count(*) by",
        "stats count(*) by bin(5)",
        "stats count(*) by bin(5mo)",
        "sort n",
        "sort n, level desc",
        "sort n down",
        "limit 0",
        "limit 10001",
        "parse @message '[*]' as a, b",
        "parse @message /[/ ",
        "parse @message /no groups/",
        "fields @message | pattern @message",
        "fields n as x | parse @message '*' as x",
        "fields 'not closed",
        "fields @message |",
    ],
)
def test_what_is_no_query_or_not_in_the_embedded_aws(log: Logs, query: str) -> None:
    found: Any = log.query(query, startTime=START // 1000)

    assert found in {"MalformedQueryException", "InvalidParameterException"}
    assert query == "" or found == "MalformedQueryException"

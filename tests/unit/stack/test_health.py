from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from nrti_cli.aws.cloudwatch.metrics import Alarm, Series
from nrti_cli.aws.dynamodb.tables import Table
from nrti_cli.aws.s3.objects import Object
from nrti_cli.aws.sagemaker.endpoints import Endpoint
from nrti_cli.aws.sqs import Depth
from nrti_cli.aws.target import Target
from nrti_cli.stack.assessment import (
    assess_alarms,
    assess_api,
    assess_dead_letters,
    assess_endpoints,
    assess_labels,
    assess_lake,
    assess_stream,
    assess_table,
    assess_workflow,
    last_stored,
    with_tables,
)
from nrti_cli.stack.failing import Failure, failures
from nrti_cli.stack.stage import Stage
from nrti_cli.stack.traffic import Traffic
from tests.unit.conftest import Stub

NOW = datetime(2026, 11, 22, 12, 30, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
QUIET = Traffic(*[Series()] * 12)


def ago(minutes: int, value: float = 1) -> Series:
    return Series(((NOW - minutes * MINUTE, value),))


@pytest.mark.parametrize(
    ("requests", "client_errors", "server_errors", "state"),
    [
        (0, 0, 0, "idle"),
        (9, 0, 0, "ok"),
        (100, 5, 0, "ok"),
        (100, 6, 0, "warn"),
        (9, 0, 1, "warn"),
        (9, 0, 9, "failed"),
    ],
)
def test_the_api(requests: int, client_errors: int, server_errors: int, state: str) -> None:
    counted = ago(1, requests), ago(1, client_errors), ago(1, server_errors)
    traffic = replace(QUIET, requests=counted[0], client_errors=counted[1], server_errors=counted[2])

    stage = assess_api(deployed=True, traffic=traffic)

    assert stage.state == state
    assert stage.figures == {"requests": requests, "4xx": client_errors, "5xx": server_errors}


def test_an_api_without_a_deployment_has_failed() -> None:
    assert assess_api(deployed=False, traffic=QUIET).state == "failed"


@pytest.mark.parametrize(
    ("succeeded", "failed", "state"), [(0, 0, "idle"), (3, 0, "ok"), (3, 1, "warn"), (0, 1, "failed")]
)
def test_the_workflow(succeeded: int, failed: int, state: str) -> None:
    traffic = replace(QUIET, succeeded=ago(1, succeeded), timed_out=ago(1, failed))

    assert assess_workflow(traffic).state == state


@pytest.mark.parametrize(
    ("depth", "state"), [(None, "failed"), (Depth(0, 0), "ok"), (Depth(7, 0), "warn"), (Depth(0, 7), "warn")]
)
def test_the_dead_letters(depth: Depth | None, state: str) -> None:
    assert assess_dead_letters(depth).state == state


def test_the_reasons_of_dead_letters_say_whether_all_were_looked_at() -> None:
    few, many, held = (
        assess_dead_letters(Depth(visible, held), {"UnknownModel": 2} if visible else {})
        for visible, held in ((2, 0), (29, 1), (0, 3))
    )

    assert few.reason == "2 messages wait in the queue, UnknownModel 2"
    assert many.reason == "30 messages wait in the queue, 1 held by another command, of a few: UnknownModel 2"
    assert held.reason == "3 messages wait in the queue, 3 held by another command"
    assert held.figures == {"messages": 3, "held": 3, "kept": 0}


def test_what_the_queue_refused_counts_also_beside_an_empty_queue() -> None:
    refused, both = (
        assess_dead_letters(Depth(0, 0), {}, 1),
        assess_dead_letters(Depth(2, 0), {"UnknownModel": 2}, 1_000),
    )

    assert (refused.state, refused.figures) == ("warn", {"messages": 0, "held": 0, "kept": 1})
    assert refused.reason == "1 request kept in S3"
    assert both.reason == "2 messages wait in the queue, 1,000 requests kept in S3, UnknownModel 2"


@pytest.mark.parametrize(
    ("table", "state"),
    [
        (None, "failed"),
        (Table("DELETING", 1), "failed"),
        (Table("ACTIVE", 0), "idle"),
        (Table("UPDATING", 5), "ok"),
    ],
)
def test_the_table(table: Table | None, state: str) -> None:
    assert assess_table(table).state == state


def test_the_stream_shows_its_age_and_its_lag() -> None:
    records = Series(((NOW - 9 * MINUTE, 5), (NOW - 2 * MINUTE, 4), (NOW - MINUTE, 0)))
    traffic = replace(QUIET, records=records, iterator_age=ago(1, 1500))

    stage = assess_stream("ACTIVE", traffic)

    minute = NOW - 2 * MINUTE
    reason = f"9 records, the last at {minute:%H:%M} UTC, its reader is 1.5 s behind"
    assert (stage.state, stage.reason) == ("ok", reason)
    assert stage.figures["last_minute"] == minute.isoformat()


def test_a_reader_that_is_far_behind_is_worth_a_look() -> None:
    traffic = replace(QUIET, records=ago(1), iterator_age=ago(1, 3_600_000))

    assert assess_stream("ACTIVE", traffic).state == "warn"


@pytest.mark.parametrize(("status", "state"), [(None, "failed"), ("DELETING", "failed"), ("ACTIVE", "idle")])
def test_a_stream_without_records(status: str | None, state: str) -> None:
    assert assess_stream(status, QUIET).state == state


def test_deletions_alone_are_not_delivered() -> None:
    assert last_stored(QUIET) is None
    records = replace(QUIET, records=ago(0))
    assert last_stored(records) is None
    assert last_stored(replace(records, succeeded=ago(1))) == NOW - MINUTE


@pytest.mark.parametrize(
    ("written", "record", "state"),
    [
        (None, None, "idle"),
        (None, 2, "idle"),
        (None, 6, "failed"),
        (9, None, "ok"),
        (9, 2, "ok"),
        (9, 6, "failed"),
        (5, 6, "ok"),
    ],
)
def test_the_lake(written: int | None, record: int | None, state: str) -> None:
    newest = Object("predictions/x.parquet", 10, NOW - written * MINUTE) if written else None
    records = ago(record) if record else Series()
    traffic = replace(QUIET, records=records, succeeded=records, delivered=records)

    assert assess_lake(newest, traffic, buffer=MINUTE, now=NOW).state == state


@pytest.mark.parametrize(
    ("age", "delivered", "state"),
    [(6, 300, "ok"), (6, 299, "warn"), (6, 301, "ok"), (3, 0, "ok")],
)
def test_records_that_the_delivery_has_not_read_in_time_are_worth_a_look(
    age: int, delivered: int, state: str
) -> None:
    newest = Object("predictions/x.parquet", 10, NOW)
    traffic = replace(QUIET, records=ago(age, 300), delivered=ago(1, delivered))

    stage = assess_lake(newest, traffic, buffer=MINUTE, now=NOW)

    assert stage.state == state
    if state == "warn":
        assert stage.reason == "1 record of the last 15 minutes not read by the delivery"


@pytest.mark.parametrize(
    ("written", "requests", "failed", "state", "reason"),
    [
        (None, Series(), 0, "idle", "none recorded"),
        (90, Series(), 0, "ok", "newest 90 min ago"),
        (2, ago(3), 0, "ok", "newest 2 min ago, 1 request"),
        (9, ago(3, 2), 0, "ok", "newest 9 min ago, 2 requests"),
        (9, ago(7), 0, "warn", "newest 9 min ago, although a request came at 12:23 UTC"),
        (None, ago(7), 0, "warn", "none recorded, although a request came at 12:23 UTC"),
        (9, ago(3), 2, "warn", "2 requests failed; newest 9 min ago"),
        (9, Series(), 1, "failed", "1 request failed; newest 9 min ago"),
    ],
)
def test_the_labels(written: int | None, requests: Series, failed: int, state: str, reason: str) -> None:
    newest = Object("labels/month=2026-11/x.parquet", 10, NOW - written * MINUTE) if written else None
    traffic = replace(QUIET, labelled=requests, label_timeouts=ago(1, failed))

    stage = assess_labels(newest, traffic, buffer=MINUTE, now=NOW)

    assert (stage.state, stage.reason[: len(reason)]) == (state, reason)
    assert stage.figures["requests"] == requests.total


def test_a_stage_without_its_tables_has_failed() -> None:
    stage = Stage("labels", "ok", "newest 1 min ago", {"requests": 1})

    assert with_tables(stage, {"labels", "outcomes", "predictions"}, "labels", "outcomes") == stage
    lacking = with_tables(stage, {"labels"}, "labels", "outcomes")
    assert (lacking.state, lacking.reason) == ("failed", "outcomes cannot be queried, run nrti bootstrap")
    assert lacking.figures == {"requests": 1}


def test_the_alarms_that_are_active_are_named() -> None:
    quiet, active = Alarm("nrti-a", active=False), Alarm("nrti-b", active=True)

    assert assess_alarms([quiet]).reason == "1 alarm, none active"
    assert assess_alarms([active, quiet]) == Stage(
        "alarms", "warn", "1 of 2 alarms active: nrti-b", {"alarms": 2, "active": "nrti-b"}
    )


@pytest.mark.parametrize(
    ("statuses", "state"),
    [
        ([], "idle"),
        (["InService"], "ok"),
        (["InService", "Updating"], "warn"),
        (["InService", "Failed"], "failed"),
    ],
)
def test_the_endpoints(statuses: list[str], state: str) -> None:
    endpoints = [
        Endpoint(f"nrti-{status}", status, "config", NOW, NOW, "no memory" if status == "Failed" else "")
        for status in statuses
    ]

    stage = assess_endpoints(endpoints)

    assert stage.state == state
    assert ("no memory" in stage.reason) == (state == "failed")


@pytest.mark.parametrize(
    ("error", "minutes", "state", "reply"),
    [
        (
            "BadAnswer",
            5,
            "failed",
            "nrti-m: its response is not a prediction (2 requests in the last 15 minutes)",
        ),
        ("EndpointBusy", 5, "warn", "nrti-m: EndpointBusy (2 requests in the last 15 minutes)"),
        ("BadAnswer", 12, "ok", ""),
    ],
)
def test_an_endpoint_that_failed_since_it_was_published(
    error: str, minutes: int, state: str, reply: str
) -> None:
    endpoint = Endpoint("nrti-m", "InService", "config", NOW - 60 * MINUTE, NOW - 10 * MINUTE)
    when = NOW - minutes * MINUTE
    failing = [Failure("nrti-m", error, when)] * 2 + [Failure("nrti-gone", "BadAnswer", NOW)]

    stage = assess_endpoints([endpoint], failing)

    assert stage.state == state
    assert reply in stage.reason
    assert "gone" not in stage.reason


def test_failures_are_read_from_lines_that_hold_them(target: Target, stub: Stub) -> None:
    messages = [
        '{"request_id": "r", "failing_models": {"m": "BadAnswer", "n": "EndpointBusy"}}\n',
        "Traceback: failing_models",
        '{"failing_models": "?"}',
    ]
    events = [
        {
            "eventId": str(position),
            "timestamp": int(NOW.timestamp() * 1000),
            "logStreamName": "s",
            "message": text,
        }
        for position, text in enumerate(messages)
    ]
    expected = {
        "logGroupName": "/aws/lambda/nrti-inference",
        "startTime": int((NOW - 15 * MINUTE).timestamp() * 1000),
        "filterPattern": "failing_models",
    }
    stub("logs").add_response("filter_log_events", {"events": events}, expected)

    found = failures(target, NOW - 15 * MINUTE)

    assert found == [Failure("nrti-m", "BadAnswer", NOW), Failure("nrti-n", "EndpointBusy", NOW)]


def test_a_busy_log_is_not_read_to_its_end(target: Target, stub: Stub) -> None:
    for page in range(10):
        stub("logs").add_response("filter_log_events", {"events": [], "nextToken": str(page)})

    assert failures(target, NOW) == []

"""All that an open page of `nrti dashboard --target aws` asks of AWS, and what an hour of that costs."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import Callable, Coroutine
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.response import StreamingBody
from botocore.stub import ANY

from nrti_cli.aws import athena
from nrti_cli.aws.dynamodb.streams import AWS
from nrti_cli.aws.session import new_session
from nrti_cli.aws.target import Target
from nrti_cli.commands.dashboard import dashboard
from nrti_cli.dashboard import board as boards
from nrti_cli.dashboard.board import Board
from nrti_cli.dashboard.views import Choice
from nrti_cli.estimate import prices
from nrti_cli.stack.outputs import Outputs
from tests.unit.aws_run.conftest import ACCOUNT, ARTIFACTS, REGION
from tests.unit.aws_run.policy import FILE as DEPLOYER
from tests.unit.aws_run.policy import OPERATOR
from tests.unit.aws_run.test_status_story import every_table, stack_outputs
from tests.unit.conftest import Stub
from tests.unit.dashboard.test_live import ARN, A, described, iterator, record, records
from tests.unit.http_recording import HttpRecording

STACK = Outputs(**{field.name: f"the-{field.name}" for field in fields(Outputs)} | {"table_stream_arn": ARN})
NOW = datetime.now(UTC).replace(microsecond=0)
BORDER = NOW + timedelta(seconds=1)
_DEADLINE_SECONDS = 20
_VERSION = "20261122000000000"


class Mentions(str):
    """Equals every text that has this part."""

    __hash__ = str.__hash__

    def __eq__(self, other: object) -> bool:
        return str(self) in str(other)


@pytest.fixture
def policies() -> tuple[Path, ...]:
    return OPERATOR, DEPLOYER


@pytest.fixture
def target() -> Target:
    """With a session of its own: the recording of the stream answers all clients of a session."""
    target = Target(name="aws", stack="nrti", region=REGION)
    target.__dict__["session"] = new_session(access_key="unused", secret_key="unused", region=REGION)
    return target


@pytest.fixture
def stream(target: Target) -> HttpRecording:
    """The table's stream, with a prediction in it that came after the page was opened."""
    recording = HttpRecording(lambda: NOW)
    recording.watch(target.session, "dynamodb-streams")
    recording.add("DescribeStream", described((A, None, False)), StreamArn=ARN)
    recording.add("GetShardIterator", iterator("a0"), ShardIteratorType="LATEST")
    recording.add("GetRecords", records(record(1, BORDER, 1), following="a1"))
    recording.add_rest("GetRecords", records(following="a2"))
    return recording


def _query(stub: Stub, about: str, csv: str, scanned: int) -> None:
    """A query of Athena that mentions something, and its result."""
    athena, name = stub("athena"), about.split(maxsplit=1)[0]
    athena.add_response(
        "start_query_execution",
        {"QueryExecutionId": name},
        {
            "QueryString": Mentions(about),
            "WorkGroup": "nrti",
            "QueryExecutionContext": {"Database": "nrti"},
        },
    )
    location = {"OutputLocation": f"s3://the-lake/athena-results/{name}.csv"}
    for state in ("QUEUED", "SUCCEEDED"):
        execution = {
            "QueryExecutionId": name,
            "Status": {"State": state},
            "ResultConfiguration": location,
            "Statistics": {"DataScannedInBytes": scanned},
        }
        athena.add_response("get_query_execution", {"QueryExecution": execution}, {"QueryExecutionId": name})
    body = StreamingBody(io.BytesIO(csv.encode()), len(csv.encode()))
    stub("s3").add_response(
        "get_object", {"Body": body}, {"Bucket": "the-lake", "Key": f"athena-results/{name}.csv"}
    )


def _history(stub: Stub) -> None:
    bucket = int(NOW.timestamp()) // 10 - 3
    _query(
        stub,
        f"predicted_time < timestamp '{BORDER:%Y-%m-%d %H:%M:%S}.000'\n    group by",
        '"bucket","sensor","model","version","predictions","failures","probability","latency"\n'
        f'"{bucket}","robot ""7"" <b>","failure-v1","v@1","3","1","{{19=1, 3=1}}","{{27=3}}"\n',
        31_457_280,
    )
    at = (NOW - timedelta(seconds=30)).timestamp()
    _query(
        stub,
        "rescored, prediction,",
        '"event_id","sensor","model","version","rescored","prediction","probability","score","label","channels",'
        '"data","timestamp","received_at","predicted_at"\n'
        f'"e0","robot ""7"" <b>","failure-v1","v@1","true","1",,"2.5","worn","2","[1.0, 2.0]",'
        f'"{at}","{at}","{at}"\n',
        2_000_000,
    )


def _stages(stub: Stub) -> None:
    stack_outputs(stub, 3, table_stream_arn=ARN)
    values = [{"Id": f"m{number}", "Timestamps": [], "Values": []} for number in range(12)]
    stub("cloudwatch").add_response("get_metric_data", {"MetricDataResults": values})
    stub("apigateway").add_response("get_stage", {"stageName": "v1"})
    stub("logs").add_response("filter_log_events", {"events": []})
    waiting = {
        "ApproximateNumberOfMessages": "1",
        "ApproximateNumberOfMessagesNotVisible": "1",
    }
    stub("sqs").add_response("get_queue_attributes", {"Attributes": waiting})
    letter = {
        "MessageId": "m",
        "ReceiptHandle": "h",
        "Body": "{}",
        "Attributes": {"SentTimestamp": "1764000000000"},
        "MessageAttributes": {"error": {"DataType": "String", "StringValue": "InvalidData"}},
    }
    stub("sqs").add_response("receive_message", {"Messages": [letter]})
    stub("dynamodb").add_response("describe_table", {"Table": {"TableStatus": "ACTIVE", "ItemCount": 4}})
    summary = {
        "StreamName": "s",
        "StreamARN": "arn:aws:kinesis:eu-central-1:1:stream/s",
        "StreamStatus": "ACTIVE",
        "RetentionPeriodHours": 24,
        "StreamCreationTimestamp": NOW,
        "EnhancedMonitoring": [],
        "OpenShardCount": 1,
    }
    stub("kinesis").add_response("describe_stream_summary", {"StreamDescriptionSummary": summary})
    stub("s3").add_response("list_objects_v2", {}, {"Bucket": ARTIFACTS, "Prefix": "unparked/"})
    stub("s3").add_response("head_bucket", {})
    stub("s3").add_response("list_objects_v2", {}, {"Bucket": ANY, "Prefix": Mentions("predictions/day=")})
    stub("s3").add_response("list_objects_v2", {}, {"Bucket": ANY, "Prefix": Mentions("predictions/day=")})
    labels = {"Bucket": ANY, "Prefix": "labels/", "Delimiter": "/"}
    stub("s3").add_response(
        "list_objects_v2", {"CommonPrefixes": [{"Prefix": "labels/month=2026-11/"}]}, labels
    )
    stub("s3").add_response("list_objects_v2", {}, {"Bucket": ANY, "Prefix": "labels/month=2026-11/"})
    every_table(stub)
    stub("cloudwatch").add_response("describe_alarms", {"MetricAlarms": []})
    stub("sagemaker").add_response("list_endpoints", {"Endpoints": []})
    stub("sts").add_response("get_caller_identity", {"Account": ACCOUNT})
    stub("s3").add_client_error("get_object", "NoSuchKey", expected_params={"Bucket": ARTIFACTS, "Key": ANY})


async def _until(ask: Callable[[], Any], good: Callable[[Any], bool]) -> Any:
    async with asyncio.timeout(_DEADLINE_SECONDS):
        while not good(answer := await ask()):
            await asyncio.sleep(0.05)
    return answer


def _item() -> dict[str, Any]:
    image: dict[str, Any] = json.loads(record(1, BORDER, 1))["dynamodb"]["NewImage"]
    return image | {"version": {"S": _VERSION}}


def _publication(stub: Stub) -> None:
    """How the version of the item was published."""
    arn = f"arn:aws:sagemaker:eu-central-1:111122223333:endpoint-config/nrti-failure-v1-{_VERSION}"
    config = {
        "EndpointConfigName": f"nrti-failure-v1-{_VERSION}",
        "EndpointConfigArn": arn,
        "ProductionVariants": [{"VariantName": f"v{_VERSION}", "ModelName": "m"}],
        "CreationTime": NOW,
    }
    stub("sagemaker").add_response(
        "describe_endpoint_config", config, {"EndpointConfigName": f"nrti-failure-v1-{_VERSION}"}
    )
    tags = [{"Key": "nrti:threshold", "Value": "0.4375"}]
    stub("sagemaker").add_response("list_tags", {"Tags": tags}, {"ResourceArn": arn})


_Then = Callable[[Board], Coroutine[Any, Any, Any]]


async def _nothing(_: Board) -> None:
    """Opens nothing on the page."""


async def _opened(target: Target, then: _Then = _nothing) -> tuple[dict[str, Any], Any]:
    """All that a page shows when it has it, and what comes of what is opened then."""
    board = Board(target, STACK)
    await board.begin()
    try:
        data = await _until(
            lambda: board.changes(Choice(900), ""),
            lambda found: (
                found.document["stages"]
                and len(found.document["failures"]) == 2
                and not found.document["history"]["asking"]
            ),
        )
        return data.document, await then(board)
    finally:
        board.close()


async def _opens(board: Board) -> tuple[dict[str, Any], Any]:
    sensor = await board.sensor("robot-7")
    return sensor, await board.prediction("robot-7", sensor["predictions"][0]["key"])


def test_a_page_asks_for_the_stream_the_lake_the_stages_and_what_is_opened(
    target: Target, stub: Stub, stream: HttpRecording
) -> None:
    _stages(stub)
    _history(stub)
    key = _item()["event_key"]
    stub("dynamodb").add_response(
        "query",
        {"Items": [_item()]},
        {
            "TableName": "the-table",
            "KeyConditionExpression": "sensor = :sensor",
            "FilterExpression": "attribute_not_exists(shadow)",
            "ExpressionAttributeValues": {":sensor": {"S": "robot-7"}},
            "ScanIndexForward": False,
            "Limit": 200,
        },
    )
    keys = {"Keys": [{"sensor": {"S": "robot-7"}, "event_key": key}], "ConsistentRead": True}
    stub("dynamodb").add_response(
        "batch_get_item", {"Responses": {"the-table": [_item()]}}, {"RequestItems": {"the-table": keys}}
    )
    _publication(stub)

    data, (sensor, prediction) = asyncio.run(_opened(target, _opens))

    assert not stream.wrong
    assert sum(bucket["count"] for bucket in data["buckets"]) == 4
    assert sum(bucket["failures"] for bucket in data["buckets"]) == 2
    assert [(each["event_id"], each["label"]) for each in data["failures"]] == [
        ("e1", "worn <b>"),
        ("e0", "worn"),
    ]
    assert data["failures"][1]["key"].endswith("#e0#failure-v1#v@1")
    letters = next(stage for stage in data["stages"] if stage["name"] == "dead letters")
    assert (letters["figures"]["messages"], letters["reason"]) == (
        2, "2 messages wait in the queue, 1 held by another command, of a few: InvalidData 1",
    )  # fmt: skip
    assert data["history"]["queries"] == 2
    assert data["history"]["dollars"] == pytest.approx((31_457_280 + 10_000_000) * 5 / 1e12)
    assert sensor["models"] == [["failure-v1", _VERSION, 1, 0.4375]]
    assert prediction["command"].startswith("nrti query 'select * from predictions where day >= ")
    assert " and event_id = " in prediction["command"]
    assert "--target aws" in prediction["command"]


#: Of a thousand metrics that GetMetricData reads, of a thousand other requests to CloudWatch, and of 100,000
#: reads of a table's stream, in dollars.
_METRICS, _REQUESTS, _STREAM_READS = 0.01, 0.01, 0.02


def test_what_an_hour_costs_is_what_help_and_docs_say(
    target: Target, stub: Stub, stream: HttpRecording
) -> None:
    _stages(stub)
    _history(stub)
    assert stream.left
    metrics: list[int] = []
    target.client("cloudwatch").meta.events.register(
        "provide-client-params.cloudwatch.GetMetricData",
        lambda params, **_: metrics.append(len(params["MetricDataQueries"])),
    )

    asyncio.run(_opened(target))
    looks = 3600 / boards._STAGES_SECONDS
    lists, queue = stub("s3").asked["ListObjectsV2"], sum(stub("sqs").asked.values())  # type: ignore[attr-defined]
    hour = looks * (
        sum(metrics) * _METRICS / 1e3
        + stub("cloudwatch").asked["DescribeAlarms"] * _REQUESTS / 1e3  # type: ignore[attr-defined]
        + lists * _price("lake_puts") / 1e3
        + queue * _price("dead_letters") / 1e6
    )
    reads = 3600 / min(AWS.active, AWS.behind)
    page = (DEPLOYER.parent / "dashboard.md").read_text()
    said = " ".join(f"{dashboard.__doc__} {page}".split())

    assert _price("query_scans") / 1e12 == athena._DOLLARS_PER_BYTE
    assert said.count(f"about {hour:.2f} USD") == 2
    assert said.count(f"{athena._LEAST_BYTES * athena._DOLLARS_PER_BYTE:.5f} USD") == 2
    assert f"{reads:,.0f} reads an hour for each shard, {reads * _STREAM_READS / 1e5:.3f} USD" in said


def _price(name: str) -> float:
    return prices.price_table("us-east-1").prices[name].tiers[0][1]

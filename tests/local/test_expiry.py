"""Items and objects whose time is over: DynamoDB's time to live, and S3's lifecycle."""

from __future__ import annotations

import asyncio
import json
import time
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError
from ministack.services import dynamodb

from nrti_cli.aws.target import Target
from nrti_local.dynamodb.expiry import Expiry
from tests.local.packed_tables import Ask, item, key, tables
from tests.local.small_stack import make_bucket
from tests.waiting import eventually

_ENABLED = {"TableName": "table", "TimeToLiveSpecification": {"AttributeName": "until", "Enabled": True}}
_DAY = 86_400


def _put(ask: Ask, number: int, until: float | None) -> None:
    more = {} if until is None else {"until": {"N": f"{until:.0f}"}}
    assert ask(("PutItem", {"TableName": "table", "Item": item("h", str(number), **more)}))[0] == 200


def _left(ask: Ask) -> list[str]:
    return sorted(each["r"]["S"] for each in ask(("Scan", {"TableName": "table"}))[1]["Items"])


def test_a_table_holds_no_more_than_arrives_within_its_retention() -> None:
    now, rate, retention = [1_800_000_000.0], 5, 3
    most = []
    with tables(packed=True) as ask:
        assert ask(("UpdateTimeToLive", _ENABLED))[0] == 200
        expiry = Expiry(clock=lambda: now[0])
        for day in range(10):
            for number in range(rate):
                _put(ask, day * rate + number, now[0] + retention * _DAY)
            now[0] += _DAY
            asyncio.run(expiry.run())
            most.append(len(_left(ask)))
        assert dynamodb._tables["table"]["ItemCount"] == most[-1]

    assert most == [5, 10, *[10] * 8]


def test_only_a_time_that_is_over_lets_an_item_expire() -> None:
    now = time.time()
    values: list[float | None] = [now - 1, now + 60, None, now - 6 * 365 * _DAY]
    with tables(packed=True) as ask:
        for number, until in enumerate(values):
            _put(ask, number, until)
        text = item("h", "text", until={"S": "1"})
        assert ask(("PutItem", {"TableName": "table", "Item": text}))[0] == 200
        asyncio.run(Expiry().run())
        assert len(_left(ask)) == len(values) + 1, "the table has no time to live"

        assert ask(("UpdateTimeToLive", _ENABLED))[0] == 200
        asyncio.run(Expiry().run())

        assert _left(ask) == ["1", "2", "3", "text"]


def test_an_item_that_is_written_again_lives_on() -> None:
    now = [1_800_000_000.0]
    with tables(packed=True) as ask:
        assert ask(("UpdateTimeToLive", _ENABLED))[0] == 200
        expiry = Expiry(clock=lambda: now[0])
        _put(ask, 1, now[0] + 10)
        asyncio.run(expiry.run())
        _put(ask, 1, now[0] + 100)
        now[0] += 50
        asyncio.run(expiry.run())
        assert _left(ask) == ["1"]

        now[0] += 100
        asyncio.run(expiry.run())
        assert _left(ask) == []


def test_a_time_to_live_is_changed_as_dynamodb_allows() -> None:
    disabled = json.loads(json.dumps(_ENABLED).replace("true", "false"))
    other = json.loads(json.dumps(_ENABLED).replace("until", "other"))
    with tables(packed=True) as ask:
        described = [ask(("DescribeTimeToLive", {"TableName": "table"}))[1]["TimeToLiveDescription"]]
        said = [ask(("UpdateTimeToLive", each))[1] for each in (disabled, _ENABLED, _ENABLED, other)]
        described.append(ask(("DescribeTimeToLive", {"TableName": "table"}))[1]["TimeToLiveDescription"])
        assert ask(("UpdateTimeToLive", {**_ENABLED, "TableName": "none"}))[0] == 400

    assert described == [
        {"TimeToLiveStatus": "DISABLED"},
        {"TimeToLiveStatus": "ENABLED", "AttributeName": "until"},
    ]
    assert [each.get("message") for each in said] == [
        "TimeToLive is already disabled",
        None,
        "TimeToLive is already enabled",
        "TimeToLive is active on a different AttributeName: current AttributeName is until",
    ]


@pytest.fixture
def table(embedded: Target) -> Any:
    client = embedded.client("dynamodb")
    created = client.create_table(
        TableName="expiring",
        KeySchema=[{"AttributeName": "h", "KeyType": "HASH"}, {"AttributeName": "r", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in "hr"],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
    )
    kinesis = embedded.client("kinesis")
    kinesis.create_stream(StreamName="expiring", ShardCount=1)
    arn = kinesis.describe_stream_summary(StreamName="expiring")["StreamDescriptionSummary"]["StreamARN"]
    client.enable_kinesis_streaming_destination(TableName="expiring", StreamArn=arn)
    yield created["TableDescription"]
    client.delete_table(TableName="expiring")
    kinesis.delete_stream(StreamName="expiring")


def test_the_embedded_aws_deletes_what_expires(embedded: Target, table: dict[str, Any]) -> None:
    client, s3 = embedded.client("dynamodb"), embedded.client("s3")
    make_bucket(embedded, "expiring-objects")
    for name in ("old/1", "old/2", "kept/1"):
        s3.put_object(Bucket="expiring-objects", Key=name, Body=b"x")
    s3.put_bucket_lifecycle_configuration(
        Bucket="expiring-objects",
        LifecycleConfiguration={
            "Rules": [
                {
                    "ID": "old",
                    "Status": "Enabled",
                    "Filter": {"Prefix": "old/"},
                    "Expiration": {
                        "Date": datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
                    },
                },
                {
                    "ID": "kept",
                    "Status": "Enabled",
                    "Filter": {"Prefix": "kept/"},
                    "Expiration": {"Days": 1},
                },
            ]
        },
    )
    specification = {"AttributeName": "until", "Enabled": True}
    client.update_time_to_live(TableName="expiring", TimeToLiveSpecification=specification)
    for number, left in enumerate((-1, 3600)):
        until = {"N": f"{time.time() + left:.0f}"}
        client.put_item(TableName="expiring", Item=item("h", str(number), until=until))

    eventually(lambda: client.scan(TableName="expiring")["Count"], lambda count: count == 1)
    eventually(lambda: _keys(s3), lambda keys: keys == ["kept/1"])
    removed = _last_change(embedded, table["LatestStreamArn"])
    assert (removed["eventName"], removed["dynamodb"]["Keys"]) == ("REMOVE", key("h", "0"))
    assert removed["userIdentity"] == {"PrincipalId": "dynamodb.amazonaws.com", "Type": "Service"}
    sent = _last_record(embedded)
    assert sent["userIdentity"] == {"principalId": "dynamodb.amazonaws.com", "type": "Service"}
    s3.delete_object(Bucket="expiring-objects", Key="kept/1")
    s3.delete_bucket(Bucket="expiring-objects")


def _keys(s3: Any) -> list[str]:
    return [each["Key"] for each in s3.list_objects_v2(Bucket="expiring-objects").get("Contents", [])]


def _last_change(target: Target, arn: str) -> Any:
    streams = target.client("dynamodbstreams")
    (shard,) = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]
    iterator = streams.get_shard_iterator(
        StreamArn=arn, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
    )["ShardIterator"]
    return streams.get_records(ShardIterator=iterator)["Records"][-1]


def _last_record(target: Target) -> Any:
    kinesis = target.client("kinesis")
    (shard,) = kinesis.list_shards(StreamName="expiring")["Shards"]
    iterator = kinesis.get_shard_iterator(
        StreamName="expiring", ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
    )["ShardIterator"]
    return json.loads(kinesis.get_records(ShardIterator=iterator)["Records"][-1]["Data"])


def test_a_rule_of_a_template_reaches_the_tables_and_buckets(pipeline: Target) -> None:
    described = pipeline.client("dynamodb").describe_time_to_live(TableName="nrti-predictions")
    assert described["TimeToLiveDescription"] == {
        "TimeToLiveStatus": "ENABLED",
        "AttributeName": "expires_at",
    }
    with pytest.raises(ClientError, match="TimeToLive is already enabled"):
        pipeline.client("dynamodb").update_time_to_live(
            TableName="nrti-predictions",
            TimeToLiveSpecification={"AttributeName": "expires_at", "Enabled": True},
        )

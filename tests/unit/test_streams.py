from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from nrti_cli.aws.dynamodb.streams import AWS, LOCAL, StreamReader
from nrti_cli.errors import NrtiError

ARN = "arn:aws:dynamodb:us-east-1:000000000000:table/nrti-predictions/stream/2026-11-22T00:00:00.000"
NOW = datetime.now(UTC)
LONG_AGO = NOW - timedelta(hours=20)


def long(shard: str) -> str:
    """An identifier as long as AWS's have to be."""
    return f"shardId-{shard:->24}"


class Stream:
    """A stubbed stream: every call has to be the expected one, and all of them have to come."""

    def __init__(self) -> None:
        self.client = boto3.client(
            "dynamodbstreams", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x"
        )
        self.stub = Stubber(self.client)
        self.pauses: list[float] = []

    def reader(self, since: datetime | None = LONG_AGO, **polling: Any) -> StreamReader:
        return StreamReader(
            self.client, ARN, since=since, polling=replace(LOCAL, **polling), sleep=self.pauses.append
        )

    def describe(self, *shards: tuple[str, str | None], closed: tuple[str, ...] = ()) -> None:
        described = [
            {
                "ShardId": long(shard),
                **({"ParentShardId": long(parent)} if parent else {}),
                "SequenceNumberRange": {
                    "StartingSequenceNumber": "1" * 21,
                    **({"EndingSequenceNumber": "9" * 21} if shard in closed else {}),
                },
            }
            for shard, parent in shards
        ]
        self.stub.add_response("describe_stream", {"StreamDescription": {"Shards": described}})

    def iterator(self, shard: str, kind: str, iterator: str, **expected: str) -> None:
        self.stub.add_response(
            "get_shard_iterator",
            {"ShardIterator": iterator},
            {"StreamArn": ARN, "ShardId": long(shard), "ShardIteratorType": kind, **expected},
        )

    def page(self, iterator: str, *numbers: int, then: str | None) -> None:
        answer: dict[str, Any] = {"Records": [record(number) for number in numbers]}
        self.stub.add_response(
            "get_records",
            answer | ({"NextShardIterator": then} if then else {}),
            {"ShardIterator": iterator, "Limit": 1000},
        )

    def error(self, operation: str, code: str) -> None:
        self.stub.add_client_error(operation, code)

    def read(self, reader: StreamReader, count: int) -> list[int]:
        return [number_of(record) for record in islice(reader.records(follow=True), count)]


def record(number: int, created: datetime = NOW) -> dict[str, Any]:
    return {
        "eventName": "INSERT",
        "dynamodb": {"SequenceNumber": f"{number:021}", "ApproximateCreationDateTime": created},
    }


def number_of(record: Any) -> int:
    return int(record["dynamodb"]["SequenceNumber"])


@pytest.fixture
def stream() -> Iterator[Stream]:
    stream = Stream()
    with stream.stub:
        yield stream
        stream.stub.assert_no_pending_responses()


def test_a_parent_is_read_to_its_end_before_its_children_begin(stream: Stream) -> None:
    family = (("child", "parent"), ("parent", "expired"))
    stream.describe(*family, closed=("parent",))
    stream.iterator("parent", "TRIM_HORIZON", "p0")
    stream.page("p0", 1, 2, then="p1")
    stream.page("p1", 3, then=None)
    stream.describe(*family, closed=("parent",))
    stream.iterator("child", "TRIM_HORIZON", "c0")
    stream.page("c0", 4, then="c1")
    assert stream.read(stream.reader(), 4) == [1, 2, 3, 4]


def test_without_a_beginning_only_open_shards_are_read_and_only_from_now_on(stream: Stream) -> None:
    stream.describe(("old", None), ("new", "old"), closed=("old",))
    stream.iterator("new", "LATEST", "n0")
    stream.page("n0", 1, then="n1")
    assert stream.read(stream.reader(since=None), 1) == [1]


def test_shards_that_appear_later_are_read_from_their_beginning(stream: Stream) -> None:
    stream.describe(("first", None))
    stream.iterator("first", "LATEST", "f0")
    stream.page("f0", then=None)
    stream.describe(("first", None), ("left", "first"), ("right", "first"), closed=("first",))
    stream.iterator("left", "TRIM_HORIZON", "l0")
    stream.page("l0", 1, then="l1")
    stream.iterator("right", "TRIM_HORIZON", "r0")
    stream.page("r0", 2, then="r1")
    assert stream.read(stream.reader(since=None), 2) == [1, 2]


def test_a_long_list_of_shards_comes_in_pages(stream: Stream) -> None:
    first = {"StreamDescription": {"Shards": [], "LastEvaluatedShardId": long("first")}}
    stream.stub.add_response("describe_stream", first, {"StreamArn": ARN})
    stream.describe(("second", None))
    stream.iterator("second", "TRIM_HORIZON", "s0")
    stream.page("s0", 1, then="s1")
    assert stream.read(stream.reader(), 1) == [1]


def test_an_expired_iterator_goes_on_after_the_last_record(stream: Stream) -> None:
    stream.describe(("only", None))
    stream.iterator("only", "TRIM_HORIZON", "i0")
    stream.page("i0", 1, then="i1")
    stream.error("get_records", "ExpiredIteratorException")
    stream.iterator("only", "AFTER_SEQUENCE_NUMBER", "i2", SequenceNumber=f"{1:021}")
    stream.page("i2", 2, then="i3")
    assert stream.read(stream.reader(), 2) == [1, 2]


def test_an_expired_iterator_before_the_first_record_leaves_out_what_is_older(stream: Stream) -> None:
    stream.describe(("only", None))
    stream.iterator("only", "LATEST", "i0")
    stream.error("get_records", "ExpiredIteratorException")
    stream.iterator("only", "TRIM_HORIZON", "i1")
    records = [record(1, LONG_AGO), record(2, datetime.now(UTC))]
    stream.stub.add_response("get_records", {"Records": records, "NextShardIterator": "i2"})
    assert stream.read(stream.reader(since=None), 1) == [2]


def test_what_was_trimmed_is_skipped(stream: Stream) -> None:
    stream.describe(("only", None))
    stream.iterator("only", "TRIM_HORIZON", "i0")
    stream.page("i0", 1, then="i1")
    stream.error("get_records", "TrimmedDataAccessException")
    stream.iterator("only", "TRIM_HORIZON", "i2")
    records = [record(8, NOW - timedelta(seconds=9)), record(9)]
    stream.stub.add_response("get_records", {"Records": records, "NextShardIterator": "i3"})
    assert stream.read(stream.reader(), 2) == [1, 9]


@pytest.mark.parametrize("code", ["LimitExceededException", "ProvisionedThroughputExceededException"])
def test_throttling_makes_it_wait_longer_and_longer_and_loses_nothing(stream: Stream, code: str) -> None:
    stream.describe(("only", None))
    stream.iterator("only", "TRIM_HORIZON", "i0")
    stream.page("i0", 1, then="i1")
    for _ in range(8):
        stream.error("get_records", code)
    stream.page("i1", 2, then="i2")
    assert stream.read(stream.reader(), 2) == [1, 2]
    assert stream.pauses == pytest.approx([0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 5, 5, 5])


def test_every_empty_poll_is_followed_by_a_pause_that_grows_to_its_bound(stream: Stream) -> None:
    stream.describe(("only", None))
    stream.iterator("only", "TRIM_HORIZON", "i")
    for _ in range(6):
        stream.page("i", then="i")
    stream.page("i", 1, then="i")
    assert stream.read(stream.reader(), 1) == [1]
    assert len(stream.pauses) == 6
    assert stream.pauses == pytest.approx([0.1, 0.15, 0.225, 0.3375, 0.4, 0.4])


def test_a_full_page_is_followed_by_the_next_at_once(stream: Stream) -> None:
    stream.describe(("only", None))
    stream.iterator("only", "TRIM_HORIZON", "i0")
    stream.page("i0", *range(1, 1001), then="i1")
    stream.page("i1", 1001, then="i2")
    stream.page("i2", 1002, then="i3")
    assert len(stream.read(stream.reader(), 1002)) == 1002
    assert stream.pauses == [0, 0.1]


def test_on_aws_a_shard_is_asked_four_times_a_second_at_most() -> None:
    assert min(AWS.behind, AWS.active, AWS.idle) >= 0.25


def test_without_following_it_stops_after_as_many_empty_polls_as_prove_the_end(stream: Stream) -> None:
    stream.describe(("only", None))
    stream.iterator("only", "TRIM_HORIZON", "i0")
    stream.page("i0", then="i1")
    stream.page("i1", 1, then="i2")
    for _ in range(3):
        stream.page("i2", then="i2")
    records = list(stream.reader(proof=3).records(follow=False))
    assert [number_of(record) for record in records] == [1]


def test_without_following_it_stops_when_all_shards_are_closed(stream: Stream) -> None:
    stream.describe(("only", None), closed=("only",))
    stream.iterator("only", "TRIM_HORIZON", "i0")
    stream.page("i0", 1, then=None)
    stream.describe(("only", None), closed=("only",))
    assert len(list(stream.reader(proof=3).records(follow=False))) == 1


def test_records_from_before_the_beginning_are_left_out(stream: Stream) -> None:
    stream.describe(("only", None))
    stream.iterator("only", "TRIM_HORIZON", "i0")
    records = [record(1, NOW - timedelta(minutes=11)), record(2, NOW - timedelta(minutes=9))]
    stream.stub.add_response("get_records", {"Records": records, "NextShardIterator": "i1"})
    assert stream.read(stream.reader(since=NOW - timedelta(minutes=10)), 1) == [2]


def test_a_shard_that_expired_meanwhile_is_given_up(stream: Stream) -> None:
    both = (("gone", None), ("left", None))
    stream.describe(*both)
    stream.error("get_shard_iterator", "ResourceNotFoundException")
    stream.iterator("left", "TRIM_HORIZON", "l0")
    stream.page("l0", 1, then="l1")
    stream.describe(*both)
    stream.page("l1", 2, then="l2")
    assert stream.read(stream.reader(), 2) == [1, 2]


@pytest.mark.parametrize("operation", ["get_shard_iterator", "get_records"])
def test_a_reader_that_is_throttled_at_first_begins_no_later(stream: Stream, operation: str) -> None:
    stream.describe(("only", None))
    if operation == "get_records":
        stream.iterator("only", "LATEST", "i0")
    stream.error(operation, "LimitExceededException")
    if operation == "get_shard_iterator":
        stream.iterator("only", "TRIM_HORIZON", "i0")
    records = [record(1, LONG_AGO), record(2, datetime.now(UTC))]
    expected = records[operation == "get_records" :]
    stream.stub.add_response("get_records", {"Records": expected, "NextShardIterator": "i1"})
    assert stream.read(stream.reader(since=None), 1) == [2]


def test_the_last_page_of_a_shard_and_its_children_survive_a_failing_description(stream: Stream) -> None:
    family = (("parent", None), ("child", "parent"))
    stream.describe(*family, closed=("parent",))
    stream.iterator("parent", "TRIM_HORIZON", "p0")
    stream.page("p0", 1, then=None)
    stream.error("describe_stream", "ThrottlingException")
    stream.error("describe_stream", "ServiceUnavailable")
    reader = stream.reader()
    read: list[int] = []
    with pytest.raises(stream.client.exceptions.ClientError, match="ServiceUnavailable"):
        read.extend(map(number_of, reader.records(follow=True)))
    stream.describe(*family, closed=("parent",))
    stream.iterator("child", "TRIM_HORIZON", "c0")
    stream.page("c0", 2, then="c1")

    assert read + stream.read(reader, 1) == [1, 2]


def test_after_an_error_all_shards_continue_where_they_were(stream: Stream) -> None:
    stream.describe(("a", None), ("b", None))
    stream.iterator("a", "LATEST", "a0")
    stream.page("a0", 1, then="a1")
    stream.iterator("b", "LATEST", "b0")
    stream.error("get_records", "ServiceUnavailable")
    reader = stream.reader(since=None)
    read: list[int] = []
    with pytest.raises(stream.client.exceptions.ClientError, match="ServiceUnavailable"):
        read.extend(map(number_of, reader.records(follow=True)))
    stream.page("a1", 2, then="a2")
    stream.page("b0", 3, then="b1")

    assert read + stream.read(reader, 2) == [1, 2, 3]


def test_a_stream_that_is_gone_is_one_clear_line(stream: Stream) -> None:
    stream.error("describe_stream", "ResourceNotFoundException")
    with pytest.raises(NrtiError, match="the table's stream does not exist: run nrti bootstrap"):
        stream.read(stream.reader(), 1)


def test_other_errors_are_not_hidden(stream: Stream) -> None:
    stream.describe(("only", None))
    stream.error("get_shard_iterator", "AccessDeniedException")
    with pytest.raises(stream.client.exceptions.ClientError, match="AccessDeniedException"):
        stream.read(stream.reader(), 1)

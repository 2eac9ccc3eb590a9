"""The live part of the page on a recorded stream of AWS: nothing is lost, and nothing is counted twice."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from nrti_cli.aws.session import new_session
from nrti_cli.aws.target import Target
from nrti_cli.dashboard.live import Live, Page
from tests.unit.http_recording import HttpRecording

ARN = "arn:aws:dynamodb:eu-central-1:111122223333:table/nrti-predictions/stream/2026-11-22T00:00:00.000"
A, B, LEFT, RIGHT = (f"shardId-{number:020}-{number:08x}" for number in range(4))
_WAIT_SECONDS = 20


class _Target(Target):
    """Does not send a request again by itself, so that each refusal arrives."""

    def client(self, service: str, **config: Any) -> Any:
        return super().client(service, retries={"mode": "standard", "total_max_attempts": 1}, **config)


def aws() -> Target:
    """An account; the address only makes the pauses short."""
    target = _Target(name="aws", stack="nrti", region="eu-central-1", endpoint_url="http://127.0.0.1:9")
    target.__dict__["session"] = new_session(access_key="unused", secret_key="unused", region="eu-central-1")
    return target


def described(*shards: tuple[str, str | None, bool], last: str | None = None) -> dict[str, Any]:
    """Shards with their parents, and whether they are closed."""
    found = [
        {
            "ShardId": shard,
            "SequenceNumberRange": {"StartingSequenceNumber": "100000000003498069978"}
            | ({"EndingSequenceNumber": "900000000003498069978"} if closed else {}),
        }
        | ({"ParentShardId": parent} if parent else {})
        for shard, parent, closed in shards
    ]
    description = {"StreamArn": ARN, "StreamStatus": "ENABLED", "Shards": found}
    return {"StreamDescription": description | ({"LastEvaluatedShardId": last} if last else {})}


def records(*found: str, following: str | None) -> str:
    """An answer to GetRecords, as AWS spells it."""
    more = f',"NextShardIterator":"{ARN}|1|{following}"' if following else ""
    return f'{{"Records":[{",".join(found)}]{more}}}'


def iterator(name: str) -> dict[str, Any]:
    return {"ShardIterator": f"{ARN}|1|{name}"}


def record(number: int, predicted: datetime, prediction: int = 0) -> str:
    """A record of the stream; AWS writes its time as a number with an exponent."""
    at = int(predicted.timestamp() * 1000)
    image = {
        "sensor": {"S": "robot-7"},
        "event_key": {"S": f"{at:013}#e{number}#failure-v1"},
        "event_id": {"S": f"e{number}"},
        "model": {"S": "failure-v1"},
        "timestamp": {"N": str(at - 40)},
        "received_at": {"N": str(at - 20)},
        "predicted_at": {"N": str(at)},
        "data": {"L": [{"N": "12"}, {"N": "80.5"}]},
        "prediction": {"N": str(prediction)},
        "endpoint": {"S": "nrti-failure-v1"},
        "score": {"N": "-3.5"},
        "label": {"S": "worn <b>"},
        "version": {"S": "v@1"},
    }
    keys = json.dumps({name: image[name] for name in ("sensor", "event_key")})
    return (
        '{"awsRegion":"eu-central-1","eventID":"c81e728d9d4c2f636f067f89cc14862c","eventName":"INSERT",'
        '"eventSource":"aws:dynamodb","eventVersion":"1.1","dynamodb":{'
        f'"ApproximateCreationDateTime":{int(predicted.timestamp()) / 1e9!r}E9,"Keys":{keys},'
        f'"NewImage":{json.dumps(image)},"SequenceNumber":"{sequence(number)}","SizeBytes":231,'
        '"StreamViewType":"NEW_IMAGE"}}'
    )


def sequence(number: int) -> str:
    return f"{number:021}"


class Followed:
    """What came of a recording."""

    def __init__(self, stream: HttpRecording) -> None:
        self.pages: list[Page] = []
        target, over = aws(), threading.Event()
        stream.watch(target.session, "dynamodb-streams")
        self.live = Live(target, ARN, self.pages.append)
        stream.over = over.set
        self.live.begin()
        assert over.wait(_WAIT_SECONDS), stream.left
        self.live.close()
        self.live._thread.join(_WAIT_SECONDS)
        assert not stream.wrong

    @property
    def counted(self) -> int:
        return sum(cell.count for page in self.pages for cell in page.counted.values())

    @property
    def failures(self) -> list[str]:
        return [stored.prediction.event_id for page in self.pages for _, stored in page.failures]


def recording(now: datetime) -> HttpRecording:
    return HttpRecording(lambda: now)


NOW = datetime.now(UTC).replace(microsecond=0)
LATER = NOW + timedelta(seconds=2)


def test_throttles_expired_iterators_and_a_split_lose_nothing_and_count_nothing_twice() -> None:
    stream = recording(NOW)
    stream.add("DescribeStream", described((A, None, False), last=A), StreamArn=ARN)
    stream.add("DescribeStream", described((B, None, False)), ExclusiveStartShardId=A)
    stream.add("GetShardIterator", iterator("a0"), ShardId=A, ShardIteratorType="LATEST")
    stream.add("GetRecords", records(record(1, LATER, 1), following="a1"), ShardIterator=f"{ARN}|1|a0")
    stream.fail("GetShardIterator", "LimitExceededException", ShardId=B, ShardIteratorType="LATEST")
    # The first round is over. The split of a shard, and what came in while the other one was throttled:
    stream.add("GetRecords", records(record(2, LATER, 1), following=None), ShardIterator=f"{ARN}|1|a1")
    stream.add("GetShardIterator", iterator("b0"), ShardId=B, ShardIteratorType="TRIM_HORIZON")
    before, while_throttled = record(3, NOW - timedelta(seconds=9), 1), record(4, LATER, 1)
    stream.add("GetRecords", records(before, while_throttled, following="b1"), ShardIterator=f"{ARN}|1|b0")
    stream.fail("DescribeStream", "ThrottlingException")
    stream.fail("GetRecords", "ExpiredIteratorException", ShardIterator=f"{ARN}|1|b1")
    family = ((A, None, True), (B, None, False), (LEFT, A, False), (RIGHT, A, False))
    stream.add("DescribeStream", described(*family))
    after = {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "SequenceNumber": sequence(4)}
    stream.add("GetShardIterator", iterator("b2"), ShardId=B, **after)
    stream.add("GetRecords", records(record(5, LATER), following="b3"), ShardIterator=f"{ARN}|1|b2")
    for shard, number in ((LEFT, 6), (RIGHT, 7)):
        stream.add("GetShardIterator", iterator(shard), ShardId=shard, ShardIteratorType="TRIM_HORIZON")
        stream.add("GetRecords", records(record(number, LATER, 1), following=f"{shard}1"))

    followed = Followed(stream)

    assert followed.failures == ["e1", "e2", "e4", "e6", "e7"]
    assert followed.counted == 6


def test_an_error_in_the_middle_of_a_round_loses_nothing() -> None:
    stream = recording(NOW)
    stream.add("DescribeStream", described((A, None, False), (B, None, False)))
    stream.add("GetShardIterator", iterator("a0"), ShardId=A)
    stream.add("GetRecords", records(record(1, LATER, 1), following="a1"))
    stream.add("GetShardIterator", iterator("b0"), ShardId=B)
    stream.fail("GetRecords", "AccessDeniedException")
    stream.add("GetRecords", records(record(2, LATER, 1), following="a2"), ShardIterator=f"{ARN}|1|a1")
    stream.add("GetRecords", records(record(3, LATER, 1), following="b1"), ShardIterator=f"{ARN}|1|b0")

    followed = Followed(stream)

    assert followed.failures == ["e1", "e2", "e3"]
    assert not followed.live.following.problem


def test_a_prediction_from_the_future_does_not_end_the_period_that_is_shown() -> None:
    stream = recording(NOW)
    stream.add("DescribeStream", described((A, None, False)))
    stream.add("GetShardIterator", iterator("a0"))
    found = record(1, NOW + timedelta(days=365), 1), record(2, LATER, 1)
    stream.add("GetRecords", records(*found, following="a1"))

    followed = Followed(stream)

    assert followed.failures == ["e2"]
    assert followed.counted == 1


def test_what_a_score_and_a_label_say_is_kept() -> None:
    stream = recording(NOW)
    stream.add("DescribeStream", described((A, None, False)))
    stream.add("GetShardIterator", iterator("a0"))
    stream.add("GetRecords", records(record(1, LATER, 1), following="a1"))

    ((_, stored),) = Followed(stream).pages[0].failures

    assert (stored.prediction.score, stored.prediction.label) == (-3.5, "worn <b>")
    assert (stored.prediction.version, stored.prediction.probability) == ("v@1", None)


@pytest.mark.parametrize("skew", [timedelta(hours=1), timedelta(hours=-1), timedelta(0)])
def test_the_border_to_the_history_and_the_page_s_time_are_by_aws_s_clock(skew: timedelta) -> None:
    at_aws = datetime.now(UTC).replace(microsecond=0) + skew
    stream = recording(at_aws)
    stream.add("DescribeStream", described((A, None, False)))
    stream.fail("GetShardIterator", "LimitExceededException", ShardIteratorType="LATEST")
    stream.add("GetShardIterator", iterator("a0"), ShardIteratorType="TRIM_HORIZON")
    border = at_aws + timedelta(seconds=1)
    last, first = record(1, border - timedelta(milliseconds=1), 1), record(2, border, 1)
    stream.add("GetRecords", records(last, first, following="a1"))

    followed = Followed(stream)

    assert followed.live.start == int(border.timestamp() * 1000)
    assert followed.failures == ["e2"]
    assert abs(followed.live.now() - datetime.now(UTC) - skew) < timedelta(seconds=_WAIT_SECONDS)


def test_a_stream_that_is_deleted_is_said_until_it_ends() -> None:
    stream = recording(NOW)
    stream.add("DescribeStream", described((A, None, False)))
    stream.add("GetShardIterator", iterator("a0"))
    stream.fail("GetRecords", "ResourceNotFoundException")
    for _ in range(2):
        stream.fail("DescribeStream", "ResourceNotFoundException")

    assert "stream does not exist" in Followed(stream).live.following.problem

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from botocore.exceptions import EndpointConnectionError

from nrti_cli.aws.target import Target
from nrti_cli.deadletters.watch import INTERVAL, Watch, count_letters
from nrti_cli.stack.names import UNPARKED, artifacts_bucket
from tests.unit.conftest import Stub

URL = "https://sqs.eu-central-1.amazonaws.com/000000000000/nrti-dead-letters"


class Watched:
    """A watch over a stubbed queue and bucket, a clock that a look moves on, and what was said."""

    def __init__(self, stub: Stub, bucket: str, count: Callable[[], int | None]) -> None:
        self.sqs, self.s3, self.bucket = stub("sqs"), stub("s3"), bucket
        self.said: list[str] = []
        self.now = 0.0
        self.watch = Watch(count, self.said.append, lambda: self.now)

    def holds(self, visible: int, handled: int = 0, kept: int = 0) -> None:
        """What SQS will answer next, and S3 about the requests that the queue refused."""
        counts = {
            "ApproximateNumberOfMessages": str(visible),
            "ApproximateNumberOfMessagesNotVisible": str(handled),
        }
        asked = {"QueueUrl": URL, "AttributeNames": list(counts)}
        self.sqs.add_response("get_queue_attributes", {"Attributes": counts}, asked)
        listed = [
            {"Key": f"{UNPARKED}{number}", "Size": 1, "LastModified": datetime.now(UTC)}
            for number in range(kept)
        ]
        asked = {"Bucket": self.bucket, "Prefix": UNPARKED}
        self.s3.add_response("list_objects_v2", {"Contents": listed}, asked)

    def fails(self, code: str, message: str = "") -> None:
        """The error that SQS will answer next."""
        self.sqs.add_client_error("get_queue_attributes", code, message)

    def look(self) -> list[str]:
        """What a look says when it is time for one."""
        self.watch.check()
        self.now += INTERVAL
        said, self.said[:] = list(self.said), []
        return said


@pytest.fixture
def watched(target: Target, stub: Stub) -> Watched:
    return Watched(stub, artifacts_bucket(target), lambda: count_letters(target, URL))


def test_only_new_letters_are_reported(watched: Watched) -> None:
    for visible, handled in ((2, 0), (2, 0), (3, 2), (1, 0), (2, 0)):
        watched.holds(visible, handled)

    assert [watched.look() for _ in range(5)] == [
        [],
        [],
        ["3 new dead letters (5 in all): nrti redrive --dry-run shows why"],
        [],
        ["1 new dead letter (2 in all): nrti redrive --dry-run shows why"],
    ]


def test_requests_that_the_queue_refused_count_and_moving_them_into_it_is_nothing_new(
    watched: Watched,
) -> None:
    for visible, kept in ((1, 0), (1, 2), (3, 0)):
        watched.holds(visible, kept=kept)

    assert [watched.look() for _ in range(3)] == [
        [],
        ["2 new dead letters (3 in all): nrti redrive --dry-run shows why"],
        [],
    ]


def test_it_looks_every_few_seconds_only(watched: Watched) -> None:
    watched.holds(0)
    watched.look()
    watched.now -= 0.1

    watched.watch.check()  # A call that is not expected would fail.


def test_the_total_is_reported_if_there_is_one(watched: Watched) -> None:
    watched.holds(0)
    watched.watch.total()
    assert not watched.said
    watched.holds(1_234)
    watched.watch.total()
    assert watched.said == ["1,234 dead letters: nrti redrive --dry-run shows why"]


@pytest.mark.parametrize(
    ("code", "message", "said"),
    [
        (
            "AccessDenied",
            "User: u is not authorized to perform: sqs:getqueueattributes on resource: arn:aws:sqs:x",
            "missing permission sqs:getqueueattributes on arn:aws:sqs:x",
        ),
        ("AWS.SimpleQueueService.NonExistentQueue", "", "the queue does not exist"),
    ],
)
def test_what_will_not_change_is_reported_once(watched: Watched, code: str, message: str, said: str) -> None:
    watched.fails(code, message)

    [line] = watched.look()
    assert re.match("dead letters are not watched: .*" + re.escape(said), line)
    assert not watched.look()


def test_a_queue_that_is_busy_is_asked_again(watched: Watched) -> None:
    watched.holds(1)
    watched.fails("ThrottlingException")
    watched.holds(2)

    assert [len(watched.look()) for _ in range(3)] == [0, 0, 1]


def test_a_queue_that_does_not_answer_is_asked_again(stub: Stub) -> None:
    answers: Iterator[int | Exception] = iter([1, EndpointConnectionError(endpoint_url=URL), 2])

    def depth() -> int:
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    watched = Watched(stub, "b", depth)

    assert [len(watched.look()) for _ in range(3)] == [0, 0, 1]

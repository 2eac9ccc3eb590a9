"""`nrti logs` against recordings of CloudWatch: pages, logs in the order of time, and following them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

import pytest
from botocore.exceptions import ClientError
from botocore.stub import ANY

from nrti_cli.aws.cloudwatch.log_events import LogGroup
from nrti_cli.aws.target import Target
from nrti_cli.errors import UsageError
from nrti_cli.logs.reading import Line, follow, read_logs
from nrti_cli.logs.sources import LogSource, sources
from tests.unit.conftest import Stub

_START = datetime(2026, 11, 22, 15, tzinfo=UTC)


class Story:
    """Records the answers of CloudWatch Logs, in the order in which they are asked for."""

    def __init__(self, target: Target, stub: Stub) -> None:
        self._target = target
        self._stubber = stub("logs")

    def source(self, origin: str) -> LogSource:
        return LogSource(origin, f"/{origin}", LogGroup(self._target, f"/{origin}"))

    def page(self, origin: str, *seconds: int, token: str = "", more: str = "", since: Any = ANY) -> None:
        events = [
            {"eventId": f"{origin}-{each}", "logStreamName": "s", "message": f"{origin} {each}\n",
             "timestamp": _milliseconds(each)}
            for each in seconds
        ]  # fmt: skip
        expected = {"logGroupName": f"/{origin}", "startTime": since} | (
            {"nextToken": token} if token else {}
        )
        answer = {"events": events} | ({"nextToken": more} if more else {})
        self._stubber.add_response("filter_log_events", answer, expected)

    def error(self, code: str) -> None:
        self._stubber.add_client_error("filter_log_events", code)


@pytest.fixture
def story(target: Target, stub: Stub) -> Story:
    return Story(target, stub)


def _milliseconds(seconds: int) -> int:
    return int((_START + timedelta(seconds=seconds)).timestamp() * 1000)


def _messages(lines: Any) -> list[str]:
    return [line.logged.message for line in lines]


def test_logs_come_in_the_order_of_time_whatever_page_they_are_on(story: Story) -> None:
    story.page("a", 1, 4, more="next", since=_milliseconds(0))
    story.page("b", 2, 5)
    story.page("a", 6, token="next")

    lines = list(read_logs([story.source("a"), story.source("b")], _START))

    assert _messages(lines) == ["a 1", "b 2", "a 4", "b 5", "a 6"]
    assert lines[0] == Line("a", lines[0].logged)
    assert lines[0].logged.at == _START + timedelta(seconds=1)


def test_a_group_that_does_not_exist_yet_is_empty(story: Story) -> None:
    story.error("ResourceNotFoundException")
    story.page("b", 1)

    assert _messages(read_logs([story.source("a"), story.source("b")], _START)) == ["b 1"]


def test_what_the_user_may_not_read_is_an_error(story: Story) -> None:
    story.error("AccessDeniedException")

    with pytest.raises(ClientError, match="AccessDenied"):
        list(read_logs([story.source("a")], _START))


def test_following_shows_each_line_once_and_what_comes_late_when_it_comes(
    story: Story, wait_delays: list[float]
) -> None:
    story.page("a", 10, 50, since=_milliseconds(0))
    story.page("a", 45, 50, 60, since=_milliseconds(20))  # half a minute before the last one

    lines = follow(lambda: [story.source("a")], _START, 5, wait_delays.append)

    assert _messages(islice(lines, 4)) == ["a 10", "a 50", "a 45", "a 60"]
    assert wait_delays == [5]


def test_each_log_is_followed_from_its_own_last_line(story: Story, wait_delays: list[float]) -> None:
    story.page("fast", 100)
    story.page("slow", 1)
    story.page("fast", 100, since=_milliseconds(70))
    story.page("slow", 1, 2, since=_milliseconds(0))

    lines = follow(lambda: [story.source("fast"), story.source("slow")], _START, 5, wait_delays.append)

    assert _messages(islice(lines, 3)) == ["slow 1", "fast 100", "slow 2"]


def test_following_outlives_throttling_and_a_group_that_is_still_to_come(
    story: Story, wait_delays: list[float]
) -> None:
    story.error("ResourceNotFoundException")
    story.error("ThrottlingException")
    story.page("a", 1, more="next")
    story.error("ThrottlingException")
    story.page("a", 1, 2)

    lines = follow(lambda: [story.source("a")], _START, 5, wait_delays.append)

    assert _messages(islice(lines, 2)) == ["a 1", "a 2"]
    assert wait_delays == [5, 5, 5]


def test_every_part_has_its_log(target: Target, stub: Stub) -> None:
    created = {"CreationTime": _START, "LastModifiedTime": _START, "EndpointStatus": "InService"}
    endpoint = {"EndpointName": "nrti-m", "EndpointArn": "arn:aws:sagemaker:eu:1:endpoint/nrti-m"}
    stub("sagemaker").add_response("list_endpoints", {"Endpoints": [{**endpoint, **created}]})

    found = {source.origin: source.group for source in sources(target, None, None)}

    assert found == {
        "api": "/aws/apigateway/nrti",
        "workflow": "/aws/vendedlogs/states/nrti-inference",
        "inference": "/aws/lambda/nrti-inference",
        "labels": "/aws/lambda/nrti-labels",
        "transform": "/aws/lambda/nrti-transform",
        "alerts": "/aws/lambda/nrti-alerts",
        "delivery": "/aws/kinesisfirehose/nrti-predictions",
        "training": "/aws/sagemaker/TrainingJobs",
        "endpoint m": "/aws/sagemaker/Endpoints/nrti-m",
    }


@pytest.mark.parametrize(("job", "prefix"), [("nrti-m-1", "nrti-m-1/"), (None, "nrti-")])
def test_a_training_job_is_some_streams_of_a_group(
    target: Target, stub: Stub, job: str | None, prefix: str
) -> None:
    (source,) = sources(target, "training", job)
    old, new = {"creationTime": _milliseconds(-9999)}, {"creationTime": _milliseconds(-3000)}
    streams = [{"logStreamName": "old", **old}, {"logStreamName": "new", **new}]
    lasting = {"logStreamName": "lasting", "lastEventTimestamp": _milliseconds(-3000), **old}
    stub("logs").add_response(
        "describe_log_streams",
        {"logStreams": [*streams, lasting]},
        {"logGroupName": source.group, "logStreamNamePrefix": prefix},
    )
    _stream(stub, "new", [1, 1, 4], "b")
    _stream(stub, "lasting", [2], "b")
    _stream(stub, "lasting", [], "b", "b")
    _stream(stub, "new", [], "c", "b")
    _stream(stub, "new", [5], "c", "c")

    lines = list(read_logs([source], _START))

    assert _messages(lines) == ["new 1", "new 1", "lasting 2", "new 4", "new 5"]
    assert len(set(lines)) == len(lines)


def _stream(stub: Stub, name: str, seconds: list[int], after: str, before: str = "") -> None:
    """Records a page of a stream; one that ends where it began is the last."""
    events = [{"timestamp": _milliseconds(each), "message": f"{name} {each}"} for each in seconds]
    stub("logs").add_response(
        "get_log_events",
        {"events": events, "nextForwardToken": after},
        {
            "logGroupName": "/aws/sagemaker/TrainingJobs",
            "logStreamName": name,
            "startTime": _milliseconds(0),
            "startFromHead": True,
            **({"nextToken": before} if before else {}),
        },
    )


def test_a_training_job_that_never_ran_is_empty(target: Target, stub: Stub) -> None:
    stub("logs").add_client_error("describe_log_streams", "ResourceNotFoundException")

    assert list(read_logs(sources(target, "training", "nrti-m-1"), _START)) == []


@pytest.mark.parametrize(("part", "name"), [("inference", "x"), ("endpoint", "no_name")])
def test_a_name_that_cannot_be_is_a_wrong_command_line(target: Target, part: str, name: str) -> None:
    with pytest.raises(UsageError, match=name):
        sources(target, part, name)

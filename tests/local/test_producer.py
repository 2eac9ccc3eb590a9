"""The producer against a server that fails as scripted."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import threading
import time
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from aiohttp import web

from nrti_cli.errors import NrtiError
from nrti_cli.events import Event, defect
from nrti_cli.producer.client import Answer, HttpClient
from nrti_cli.producer.dispatch import Dispatcher
from nrti_cli.producer.feed import ready_requests
from nrti_cli.producer.reading import read_events
from nrti_cli.producer.run import SendRate, run
from nrti_cli.producer.sender import Backoff
from nrti_cli.producer.session import SendPlan, produce
from nrti_cli.producer.sources import Defaults, random_events
from nrti_cli.producer.statistics import Statistics
from nrti_cli.producer.unsent import Unsent
from tests.local.sink import Behaviour, Sink, accept, hang_up, hold_until, refuse, slow

DEFAULTS = Defaults(model="failure-v1", length=3, sensors=("a", "b"), seed=1)


@pytest.fixture
def plan(tmp_path: Path) -> SendPlan:
    return SendPlan(
        events=random_events(DEFAULTS),
        send_rate=SendRate(200, "steady", None),
        unsent=tmp_path / "unsent.jsonl",
    )


def unsent_ids(plan: SendPlan) -> list[str]:
    assert plan.unsent
    return [json.loads(line)["event_id"] for line in plan.unsent.read_text().splitlines()]


def interrupt_after(requests: int, sink: Sink, then: Behaviour) -> Behaviour:
    """Presses Ctrl-C while so many requests are there."""

    async def behave(request: web.Request) -> web.Response:
        if len(sink.requests) == requests:
            os.kill(os.getpid(), signal.SIGINT)
        return await then(request)

    return behave


def test_events_follow_the_schema_and_have_ids_and_times_of_their_own(sink: Sink, plan: SendPlan) -> None:
    statistics = produce(sink.url, "key", replace(plan, count=50))
    assert (statistics.sent, statistics.accepted, statistics.in_flight) == (50, 50, 0)
    assert not any(map(defect, sink.events))
    assert len({event["event_id"] for event in sink.events}) == 50
    times = sorted(event["timestamp"] for event in sink.events)
    assert {later - earlier for earlier, later in pairwise(times)} <= {4, 5, 6}
    assert sink.keys == {"key"}
    assert plan.unsent
    assert not plan.unsent.exists()


def test_a_seed_repeats_the_values_and_never_the_ids(sink: Sink, plan: SendPlan) -> None:
    for _ in range(2):
        produce(sink.url, "key", replace(plan, count=20, events=random_events(DEFAULTS)))
    first, second = sink.events[:20], sink.events[20:]
    # They come over several connections, so not always in the order in which they were sent.
    assert sorted(event["data"] for event in first) == sorted(event["data"] for event in second)
    assert len({event["event_id"] for event in sink.events}) == 40


def test_a_batch_is_one_request_and_the_rest_comes_last(sink: Sink, plan: SendPlan) -> None:
    produce(sink.url, "key", replace(plan, count=60, batch=25, send_rate=SendRate(1000, "steady", None)))
    assert [len(request) for request in sink.requests] == [25, 25, 10]


def test_slow_answers_do_not_delay_the_next_send(sink: Sink, plan: SendPlan) -> None:
    sink.otherwise = hold_until(30, sink)
    statistics = produce(sink.url, "key", replace(plan, send_rate=SendRate(100, "steady", 0.3)))
    assert (statistics.sent, statistics.accepted, statistics.waited) == (30, 30, 0)


def test_at_the_cap_sends_wait_and_their_latency_counts_the_wait(sink: Sink, plan: SendPlan) -> None:
    sink.otherwise = slow(0.05)
    statistics = produce(sink.url, "key", replace(plan, count=10, concurrency=1))
    assert statistics.waited >= 8
    slowest = statistics.latency.at(100)
    assert slowest is not None
    assert slowest > 0.4


@pytest.mark.parametrize(
    "failure", [refuse(429, "slow down"), refuse(500, "oops"), refuse(503, "busy"), hang_up]
)
def test_what_fails_for_a_moment_is_sent_again_under_the_same_id(
    sink: Sink, plan: SendPlan, failure: Behaviour, capsys: pytest.CaptureFixture[str]
) -> None:
    sink.behaviours = [failure, failure]
    statistics = produce(sink.url, "key", replace(plan, count=1))
    assert (statistics.accepted, statistics.retried) == (1, 2)
    assert len(sink.requests) == 3
    assert sink.requests[0] == sink.requests[1] == sink.requests[2]
    assert capsys.readouterr().err.count("retrying: ") == 1


def test_a_refusal_is_shown_once_counted_and_kept(
    sink: Sink, plan: SendPlan, capsys: pytest.CaptureFixture[str]
) -> None:
    sink.otherwise = refuse(403, "Forbidden")
    with pytest.raises(NrtiError, match="20 of 20 events were not accepted"):
        produce(sink.url, "wrong", replace(plan, count=20))
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.count("not accepted: 403 Forbidden") == 2  # when it came up, and in the summary
    assert "wrong" not in shown.err
    assert sorted(unsent_ids(plan)) == sorted(event["event_id"] for event in sink.events)


def test_events_that_were_not_accepted_can_be_sent_again_as_they_were(sink: Sink, plan: SendPlan) -> None:
    sink.behaviours = [refuse(400, "no")] * 30
    with pytest.raises(NrtiError):
        produce(sink.url, "key", replace(plan, count=30, batch=7))
    refused = sink.events.copy()
    sink.behaviours.clear()
    sink.requests.clear()
    again = replace(plan, events=read_events(str(plan.unsent), DEFAULTS), unsent=Path(f"{plan.unsent}-again"))
    produce(sink.url, "key", again)

    def by_id(event: Event) -> str:
        return str(event["event_id"])

    assert sorted(sink.events, key=by_id) == sorted(refused, key=by_id)


def test_an_api_that_is_not_there_is_given_up_in_the_end(
    plan: SendPlan, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        free = taken.getsockname()[1]
    with pytest.raises(NrtiError, match="3 of 3 events were not accepted"):
        produce(f"http://127.0.0.1:{free}/events", "key", replace(plan, count=3, retry_for=0.2))
    assert "no answer: " in capsys.readouterr().err
    assert len(unsent_ids(plan)) == 3


def test_ctrl_c_ends_it_with_everything_in_flight_settled(
    sink: Sink, plan: SendPlan, capsys: pytest.CaptureFixture[str]
) -> None:
    sink.otherwise = interrupt_after(10, sink, slow(0.1))
    statistics = produce(sink.url, "key", plan)
    assert statistics.sent == statistics.accepted == len(sink.requests)
    assert f"{statistics.sent} sent, {statistics.sent} accepted" in capsys.readouterr().err


def test_a_second_ctrl_c_does_not_wait_and_loses_nothing(sink: Sink, tmp_path: Path) -> None:
    sink.otherwise = interrupt_after(5, sink, slow(60))
    statistics = Statistics()
    unsent = Unsent(tmp_path / "unsent.jsonl")

    def press_again() -> None:
        os.kill(os.getpid(), signal.SIGINT)

    async def session() -> None:
        client = HttpClient(sink.url, "key", 100)
        dispatcher = Dispatcher(
            client, Backoff(), 100, statistics=statistics, unsent=unsent, observer=Silent()
        )
        requests = ready_requests(random_events(DEFAULTS), 1, None)
        await run(requests, SendRate(100, "steady", None), dispatcher, press_again)
        await client.close()

    asyncio.run(session())
    unsent.close()
    assert statistics.abandoned == statistics.sent >= 5
    assert len(unsent.path.read_text().splitlines()) == statistics.sent


class Silent:
    """An observer that shows nothing."""

    def settled(self, events: object, answer: Answer, latency: float) -> None: ...

    def retrying(self, answer: Answer) -> None: ...

    def refused(self, answer: Answer) -> None: ...


def test_a_malformed_line_ends_the_run_after_what_came_before_it(
    sink: Sink, plan: SendPlan, tmp_path: Path
) -> None:
    (tmp_path / "input").write_text('{"data": [1, 2, 3]}\n' * 3 + "oops\n")
    with pytest.raises(NrtiError, match="line 4: not JSON"):
        produce(sink.url, "key", replace(plan, events=read_events(str(tmp_path / "input"), DEFAULTS)))
    assert len(sink.events) == 3


def test_events_of_a_pipe_are_sent_as_they_come(sink: Sink, plan: SendPlan, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)

    def write() -> None:
        with pipe.open("w") as file:
            for number in range(5):
                print(json.dumps({"data": [number, 2, 3]}), file=file, flush=True)
                # The next line is only written when this one has arrived: nothing waits for a second one.
                while len(sink.requests) <= number:
                    stop.wait(0.005)

    stop = threading.Event()
    writer = threading.Thread(target=write)
    writer.start()
    statistics = produce(sink.url, "key", replace(plan, events=read_events(str(pipe), DEFAULTS), live=True))
    writer.join()
    assert [event["data"][0] for event in sink.events] == [0, 1, 2, 3, 4]
    assert statistics.latency.at(100) is not None


def test_ctrl_c_ends_a_run_that_waits_for_input(sink: Sink, plan: SendPlan, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    sink.otherwise = interrupt_after(1, sink, accept)
    # Open for reading and writing: the pipe has a writer as long as the test wants it to.
    with open(os.open(pipe, os.O_RDWR), "wb", buffering=0) as file:  # noqa: PTH123
        file.write(b'{"data": [1, 2, 3]}\n')
        statistics = produce(
            sink.url, "key", replace(plan, events=read_events(str(pipe), DEFAULTS), live=True)
        )
    assert statistics.accepted == 1


def test_the_file_for_unsent_events_is_checked_before_anything_is_sent(sink: Sink, plan: SendPlan) -> None:
    assert plan.unsent
    plan.unsent.write_text("{}\n")
    with pytest.raises(NrtiError, match="exists and does not hold events"):
        produce(sink.url, "key", replace(plan, count=1))
    assert not sink.requests


def test_the_rate_is_kept(sink: Sink, plan: SendPlan) -> None:
    began = time.monotonic()
    produce(sink.url, "key", replace(plan, send_rate=SendRate(100, "steady", 1)))
    assert len(sink.arrivals) == 100
    # A loaded machine may be late, but no event is sent before it is due: the n-th after n intervals.
    assert all(arrived - began >= number / 100 for number, arrived in enumerate(sink.arrivals))

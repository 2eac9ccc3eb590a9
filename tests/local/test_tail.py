"""`nrti tail` on the embedded AWS, as a user runs it."""

from __future__ import annotations

import json
import re
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import IO

import pytest

from tests.local.conftest import Nrti
from tests.local.own import NRTI
from tests.waiting import eventually

pytestmark = pytest.mark.usefixtures("model")


def send(nrti: Nrti, *events: Mapping[str, object]) -> None:
    lines = "".join(json.dumps(event) + "\n" for event in events)
    done = nrti("produce", "--model", "failure-v1", "--rate", "200", "--input", "-", input=lines)
    assert done.returncode == 0, done.stderr


def tail(nrti: Nrti, *arguments: str) -> list[dict[str, object]]:
    done = nrti("tail", "--no-follow", "--format", "json", *arguments)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def dead_letters(nrti: Nrti) -> int:
    """How many predictions `nrti tail --no-follow` counts in its last line."""
    reply = re.fullmatch(
        r"([\d,]+) dead letters?: nrti redrive --dry-run shows why",
        nrti("tail", "--no-follow").stderr.splitlines()[-1],
    )
    return int(reply[1].replace(",", "")) if reply else 0


@contextmanager
def following(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], IO[str]]]:
    with subprocess.Popen(
        [NRTI, "tail", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        try:
            yield process, process.stdout
        finally:
            process.kill()


def test_a_model_that_is_not_published_is_reported(nrti: Nrti) -> None:
    absent = nrti("tail", "--no-follow", "--model", "absent")
    there = nrti("tail", "--no-follow", "--model", "failure-v1")
    impossible = nrti("tail", "--no-follow", "--model", "a_b")

    assert (absent.returncode, there.returncode, impossible.returncode) == (0, 0, 2)
    assert "model 'absent' is not published" in absent.stderr
    assert "is published" not in there.stderr
    assert "is not a valid model name" in impossible.stderr


def test_a_prediction_is_shown_with_its_event_and_latency(nrti: Nrti) -> None:
    send(nrti, {"sensor": "reply", "data": [10, 90, 12]})
    [reply] = eventually(lambda: tail(nrti, "--sensor", "reply"))
    assert (reply["sensor"], reply["model"], reply["data"]) == ("reply", "failure-v1", [10, 90, 12])
    assert reply["prediction"] == 1
    assert isinstance(reply["probability"], float)
    assert isinstance(reply["latency"], float)
    assert 0 <= reply["latency"] < 30
    assert str(reply["timestamp"]).endswith("Z")


def test_an_event_that_is_sent_twice_is_shown_once(nrti: Nrti) -> None:
    event = {"sensor": "again", "data": [1, 2, 3], "event_id": "one", "timestamp": 1}
    for _ in range(2):
        send(nrti, event)
    send(nrti, {"sensor": "again", "data": [1, 2, 3], "event_id": "two"})
    reply = eventually(lambda: tail(nrti, "--sensor", "again"), lambda lines: len(lines) >= 2)
    assert [line["event_id"] for line in reply] == ["one", "two"]


def test_failures_can_be_picked_out(nrti: Nrti) -> None:
    sequences = [1, 2, 3], [10, 90, 12], [50, 50, 50]
    send(nrti, *[{"sensor": "picked", "data": data} for data in sequences])
    eventually(lambda: tail(nrti, "--sensor", "picked"), lambda lines: len(lines) == 3)
    assert [line["data"] for line in tail(nrti, "--sensor", "picked", "--failures")] == [[10, 90, 12]]
    assert not tail(nrti, "--sensor", "picked", "--model", "other")


def test_lines_for_people_come_as_they_are_stored_and_ctrl_c_ends_them(nrti: Nrti) -> None:
    with following("--since", "1h", "--sensor", "people") as (process, lines):
        assert lines.readline().split() == [
            *("time", "(UTC)", "sensor", "model", "sequence", "prediction", "latency", "version")
        ]
        assert set(lines.readline().strip()) == {"─"}
        for data, prediction in (([10, 90, 12], "failure"), ([1, 2, 3], "normal")):
            send(nrti, {"sensor": "people", "data": data})
            line = lines.readline()
            assert str(data) in line
            assert prediction in line
            assert "\x1b" not in line
        process.send_signal(signal.SIGINT)
        rest, notes = process.communicate(timeout=10)
    assert (process.returncode, rest) == (0, "")
    assert notes.splitlines()[-1] == "2 predictions, 1 failure"


def test_a_reader_that_goes_away_ends_it_without_a_word(nrti: Nrti) -> None:
    with following("--since", "1h", "--sensor", "pipe", "--format", "json") as (process, lines):
        send(nrti, {"sensor": "pipe", "data": [1, 2, 3]})
        assert lines.readline()
        lines.close()
        send(nrti, {"sensor": "pipe", "data": [1, 2, 3]})
        assert process.wait(timeout=20) == 141
        assert process.stderr
        assert process.stderr.read() == "local, stack nrti\n"


def test_dead_letters_are_reported_when_they_come(nrti: Nrti) -> None:
    before = dead_letters(nrti)
    with following("--since", "1h", "--sensor", "parked", "--format", "json") as (process, lines):
        send(nrti, {"sensor": "parked", "data": [1, 2, 3]})
        assert lines.readline(), "its first look at the queue is over when it shows something"
        unpublished = json.dumps({"sensor": "parked", "model": "unpublished", "data": [1, 2, 3]})
        assert nrti("produce", "--input", "-", input=f"{unpublished}\n").returncode == 0
        assert process.stderr
        reply = next(line for line in process.stderr if "dead letter" in line)
    assert reply == f"1 new dead letter ({before + 1:,} in all): nrti redrive --dry-run shows why\n"
    assert dead_letters(nrti) == before + 1

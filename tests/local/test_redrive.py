"""`nrti redrive` on the embedded AWS: what can come home does, once; what cannot stays, with its reason."""

from __future__ import annotations

import json
import signal
import subprocess
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from nrti_cli.aws import sqs
from nrti_cli.aws.apigateway import api_key
from nrti_cli.aws.sagemaker.endpoints import SageMaker
from nrti_cli.aws.sqs import Queue
from nrti_cli.aws.target import Target
from nrti_cli.counts import show_count
from nrti_cli.deadletters.sweep import Sweep
from nrti_cli.models.endpoint import find
from nrti_cli.stack.outputs import outputs
from tests.local.conftest import Nrti
from tests.local.deployed import Pipeline
from tests.local.own import NRTI
from tests.local.publications import artifact_uri
from tests.waiting import eventually


@dataclass(frozen=True)
class Absent:
    """A model that is not published, and events for it.

    Attributes:
        artifact: the URI of one that it can be published from.
    """

    api: Pipeline
    nrti: Nrti
    artifact: str
    name: str
    sensor: str

    def event(self, *data: float, **more: object) -> dict[str, Any]:
        """An event for it."""
        return {"sensor": self.sensor, "model": self.name, "data": list(data or (1, 2, 3)), **more}

    def park(self, *requests: object) -> None:
        """Sends requests, and waits until their events are dead letters."""
        before = self.depth()
        for request in requests:
            self.api.send(request)
        eventually(self.depth, lambda depth: depth == before + len(requests))

    def depth(self) -> int:
        """The number of all letters."""
        depth = sqs.depth(self.api.target, self.api.stack.dead_letter_queue_url)
        return depth.total if depth else 0

    def publish(self) -> None:
        """Makes it a model that is there."""
        done = self.nrti("deploy-model", "--name", self.name, "--artifact", self.artifact)
        assert done.returncode == 0, done.stderr

    def letters(self) -> dict[str, dict[str, Any]]:
        """The bodies of the letters about it, by the messages' ids; all of them stay visible."""
        sweep = Sweep(self.queue)
        found = {letter.message.id: letter for letter in sweep.letters() if self.name in letter.message.body}
        sweep.end()
        return {identifier: json.loads(letter.message.body) for identifier, letter in found.items()}

    @property
    def queue(self) -> Queue:
        """Of dead letters."""
        return Queue(self.api.target, self.api.stack.dead_letter_queue_url)

    def redrive(self, *options: str) -> tuple[int, set[tuple[str, str, int, int]]]:
        """Redrives its letters; gives the exit code and (outcome, reason, letters, events) of each line."""
        done = self.nrti("redrive", "--model", self.name, "--format", "json", *options)
        lines = json.loads(done.stdout)["lines"]
        keys = ("outcome", "reason", "letters", "events")
        return done.returncode, {tuple(line[key] for key in keys) for line in lines}

    def items(self) -> list[dict[str, Any]]:
        """What is stored of its sensor, in order."""
        return self.api.items(self.sensor)

    def ids(self) -> list[str]:
        """Of the stored events, in order."""
        return [item["event_id"]["S"] for item in self.items()]


@pytest.fixture
def absent(pipeline: Target, model: str, nrti: Nrti) -> Iterator[Absent]:
    name = f"away-{uuid.uuid4().hex[:8]}"
    artifact, stack = artifact_uri(pipeline, find(pipeline, model).source), outputs(pipeline)
    api = Pipeline(pipeline, stack, api_key(pipeline, stack.api_key_id))
    absent = Absent(api, nrti, artifact, name, f"sensor-{name}")
    yield absent
    if SageMaker(pipeline).endpoint(f"nrti-{name}"):
        # The model published last is the one that other tests produce for.
        pipeline.client("sagemaker").delete_endpoint(EndpointName=f"nrti-{name}")
    sweep = Sweep(absent.queue)
    sweep.remove(*(letter for letter in sweep.letters() if name in letter.message.body))
    sweep.end()


def test_all_come_home_under_the_keys_they_always_had(absent: Absent, nrti: Nrti) -> None:
    named = [absent.event(timestamp=1_790_000_000_000 + at, event_id=f"e{at}") for at in range(30)]
    absent.park(*named[:5], named[5:30], absent.event(), [absent.event(), absent.event()])
    parked = {(body["request_id"], body["received_at"]) for body in absent.letters().values()}
    absent.publish()

    assert absent.redrive() == (0, {("redriven", "UnknownModel", 8, 33)})

    assert not absent.letters()
    items = absent.items()
    assert len(items) == 33
    assert [item["event_id"]["S"] for item in items[:30]] == [f"e{at:d}" for at in range(30)]
    assert {(i["event_id"]["S"][:-2], int(i["timestamp"]["N"])) for i in items[30:]} <= parked
    assert {int(item["received_at"]["N"]) for item in items} == {at for _, at in parked}
    sql = f"select count(*) as n from predictions where sensor = '{absent.sensor}'"  # noqa: S608
    eventually(lambda: nrti("query", sql, "--format", "csv").stdout, lambda rows: "33" in rows)


def test_poison_stays_where_it_is(absent: Absent) -> None:
    absent.park(absent.event(), [absent.event(), absent.event()])
    before = absent.letters()

    first, second = absent.redrive(), absent.redrive("--reason", "UnknownModel")

    assert first == second == (1, {("failing", "UnknownModel", 2, 3)})
    assert "UnknownModel" in absent.nrti("status").stdout
    assert absent.letters() == before


def test_what_fails_for_another_reason_now_says_so_and_the_others_are_stored(absent: Absent) -> None:
    absent.park([absent.event(event_id="good"), absent.event(1, 2, event_id="short")])
    absent.publish()

    code, lines = absent.redrive()

    assert (code, lines) == (1, {("redriven", "UnknownModel", 0, 1), ("failing", "InvalidData", 1, 1)})
    assert absent.ids() == ["good"]
    (letter,) = absent.letters().values()
    assert letter["error"] == "InvalidData"
    assert "takes sequences of 3 values" in letter["cause"]
    assert [event["event_id"] for event in letter["events"]] == ["short"]
    assert absent.redrive() == (1, {("failing", "InvalidData", 1, 1)})


def test_looking_changes_nothing(absent: Absent) -> None:
    absent.park(absent.event(), absent.event())
    absent.publish()
    before = absent.letters()

    assert absent.redrive("--dry-run") == (0, {("found", "UnknownModel", 2, 2)})
    assert absent.redrive("--dry-run", "--limit", "1") == (0, {("found", "UnknownModel", 1, 1)})
    assert absent.redrive("--reason", "ModelError") == (0, set())
    assert absent.letters() == before
    assert not absent.items()


def test_a_few_can_be_tried_first(absent: Absent) -> None:
    absent.park(*(absent.event() for _ in range(4)))
    absent.publish()

    some = absent.nrti("redrive", "--model", absent.name, "--limit", "1")
    assert (some.returncode, "redriven" in some.stdout) == (0, True)
    assert some.stderr.endswith("not read, beyond the limit: 3 others\n")
    assert len(absent.letters()) == 3
    assert len(absent.items()) == 1


def test_a_request_that_was_parked_whole_comes_home(absent: Absent) -> None:
    for events in (absent.event(), [absent.event(), {**absent.event(), "sensor": f"{absent.sensor}-b"}, 7]):
        absent.queue.send(
            {
                "error": "Lambda.Unknown",
                "cause": "it died",
                "request_id": f"r-{type(events).__name__}",
                "received_at": 1_790_000_000_000,
                "events": events,
            },
            {"error": "Lambda.Unknown"},
        )
    absent.publish()

    code, lines = absent.redrive()

    assert (code, lines) == (
        1,
        {
            ("redriven", "Lambda.Unknown", 1, 3),
            ("failing", "InvalidEvent", 1, 1),
        },
    )
    assert absent.ids() == ["r-dict-0", "r-list-0"]


def test_an_event_that_no_json_can_carry_fails_alone(absent: Absent) -> None:
    absent.park(absent.event(event_id="good"))
    absent.queue.send(
        {
            "error": "InvalidEvent",
            "cause": "no number",
            "request_id": "r",
            "received_at": 1,
            "events": [absent.event(float("nan"))],
        },
        {"error": "InvalidEvent"},
    )
    absent.publish()

    code, lines = absent.redrive()

    assert code == 1
    assert ("redriven", "UnknownModel", 1, 1) in lines
    assert absent.ids() == ["good"]
    assert len(absent.letters()) == 1


def test_what_is_no_letter_of_the_pipeline_is_left_alone(absent: Absent, nrti: Nrti) -> None:
    absent.queue.send({"hello": absent.name}, {})
    before = absent.letters()

    done = nrti("redrive", "--reason", "Unreadable")

    assert done.returncode == 1
    assert "Unreadable" in done.stdout
    assert absent.letters() == before


def test_poison_is_dropped_into_a_file_and_what_was_corrected_is_sent(absent: Absent, tmp_path: Path) -> None:
    file = tmp_path / "dropped.jsonl"
    absent.park([absent.event(1, 2, event_id="short"), absent.event(event_id="good")], absent.event())
    absent.publish()
    assert absent.redrive()[1] >= {("failing", "InvalidData", 1, 1)}
    absent.park(absent.event(7, event_id="shorter"))

    assert absent.redrive("--drop", str(file), "--reason", "ModelError", "--yes") == (0, set())
    assert not file.exists()
    before = absent.letters()
    assert absent.redrive("--drop", str(file), "--dry-run") == (0, {("found", "InvalidData", 2, 2)})
    asked = absent.nrti("redrive", "--model", absent.name, "--drop", str(file))
    assert (asked.returncode, asked.stdout) == (1, "")
    assert "the removal needs confirmation" in asked.stderr.splitlines()[-1]
    assert absent.letters() == before
    assert not file.exists()
    dropped = absent.redrive("--drop", str(file), "--reason", "InvalidData", "--yes")

    assert dropped == (0, {("dropped", "InvalidData", 2, 2)})
    assert not absent.letters()
    letters = [json.loads(line) for line in file.read_text().splitlines()]
    assert {letter["error"] for letter in letters} == {"InvalidData"}
    assert all("takes sequences of 3 values" in letter["cause"] for letter in letters)
    events = [{**event, "data": [1, 2, 3]} for letter in letters for event in letter["events"]]
    corrected = "".join(f"{json.dumps(event)}\n" for event in events)
    sent = absent.nrti("produce", "--input", "-", "--rate", "100", input=corrected)
    assert sent.returncode == 0, sent.stderr
    eventually(lambda: {"short", "shorter", "good"} < set(absent.ids()))


def test_what_is_no_letter_of_the_pipeline_is_dropped_as_it_is(absent: Absent, tmp_path: Path) -> None:
    file = tmp_path / "dropped.jsonl"
    absent.queue.send({"hello": absent.name}, {})

    done = absent.nrti("redrive", "--reason", "Unreadable", "--drop", str(file), "--yes")

    assert done.returncode == 0
    assert {"hello": absent.name} in [json.loads(json.loads(line)["body"]) for line in file.open()]
    assert not absent.letters()


@pytest.mark.usefixtures("pipeline")
@pytest.mark.parametrize(
    ("options", "said"),
    [
        (
            ("--drop", "absent/file"),
            "absent/file cannot be written (No such file or directory)",
        ),
        (("--drop", "."), "Invalid value for '--drop'"),
        (("--drop", "f", "--rate", "1"), "--rate applies to sending: leave it out together with --drop"),
    ],
)
def test_wrong_options_of_drop_are_reported_in_a_line(
    nrti: Nrti, options: tuple[str, ...], said: str
) -> None:
    done = nrti("redrive", *options)

    assert done.returncode == 2
    assert said in done.stderr.splitlines()[-1]


def test_an_interruption_loses_nothing_and_hides_nothing(absent: Absent) -> None:
    absent.park(*([absent.event()] * 25 for _ in range(6)))
    absent.publish()
    arguments = ("redrive", "--model", absent.name, "--rate", "25")

    with subprocess.Popen([NRTI, *arguments], stderr=subprocess.PIPE, text=True) as process:
        eventually(absent.items)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=30)

    assert process.returncode == 130
    assert said.endswith("nrti: interrupted\n")
    stored = len(absent.items())
    assert 0 < stored < 150
    assert len(absent.letters()) == 6 - stored // 25
    assert absent.redrive()[0] == 0
    assert len(set(absent.ids())) == 150


def test_letters_that_another_command_holds_are_neither_none_nor_forgotten(absent: Absent) -> None:
    absent.park(absent.event())
    other = Sweep(absent.queue)
    held = len(list(other.letters()))
    said = f"{show_count(held, 'dead letter')} held by another command could not be read: run "

    looked = absent.nrti("redrive", "--dry-run", "--format", "json")
    tried = absent.nrti("redrive")
    forgotten = absent.nrti("forget", "--sensor", absent.sensor, "--yes")
    verified = absent.nrti("verify", "--since", "1m", "--wait", "1s", "--format", "json")
    status = absent.nrti("status")
    other.end()

    assert (looked.returncode, json.loads(looked.stdout)["held"]) == (1, held)
    assert (tried.returncode, tried.stdout, said in tried.stderr) == (1, "", True)
    assert "no dead letters" not in tried.stderr
    assert (forgotten.returncode, forgotten.stdout, said in forgotten.stderr) == (1, "", True)
    assert json.loads(verified.stdout)["held_letters"] == held
    assert f" in the queue, {held} held by another command" in status.stdout
    assert absent.nrti("forget", "--sensor", absent.sensor, "--yes").returncode == 0


def test_letters_of_one_that_was_killed_come_back(absent: Absent) -> None:
    absent.park(absent.event(), absent.event())
    killed = Sweep(absent.queue, hide_for=1)
    assert sum(1 for letter in killed.letters() if absent.name in letter.models) == 2

    eventually(absent.letters, lambda letters: len(letters) == 2)

"""What was accepted is stored once, whenever the embedded AWS is killed."""

from __future__ import annotations

import io
import json
import os
import random
import signal
import sqlite3
import subprocess
from collections import Counter
from collections.abc import Iterator

import pyarrow.parquet
import pytest

from nrti_cli.aws import sqs
from nrti_cli.stack.outputs import outputs
from nrti_local import process
from nrti_local.process import REGION
from nrti_local.server.processes import lock
from tests.local.own import Own, deployed_at
from tests.local.sender import Sender
from tests.waiting import eventually

ACCOUNT = "000000000000"


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Own]:
    """An embedded AWS of this file's own with the stack and a model."""
    with deployed_at(tmp_path_factory.mktemp("durable")) as own:
        yield own


@pytest.fixture
def own(deployed: Own) -> Own:
    """It runs, whatever the test before has done to it."""
    process.start(deployed.layout)
    return deployed


def _kill(own: Own) -> None:
    running = process.running(own.layout)
    assert running
    os.kill(running.pid, signal.SIGKILL)
    eventually(lambda: not lock.is_held(own.layout.lock))


def _stored(own: Own) -> Counter[str]:
    """How often each event is an item."""
    pages = (
        own.client("dynamodb")
        .get_paginator("scan")
        .paginate(TableName=outputs(own.target()).table, ProjectionExpression="event_id")
    )
    return Counter(item["event_id"]["S"] for page in pages for item in page["Items"])


def _lake(own: Own) -> int:
    """How many rows the lake has, doubles included."""
    bucket, rows = f"nrti-lake-{ACCOUNT}-{REGION}", 0
    s3 = own.client("s3")
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix="predictions/"):
        for found in page.get("Contents", []):
            body = s3.get_object(Bucket=bucket, Key=found["Key"])["Body"].read()
            rows += pyarrow.parquet.read_metadata(io.BytesIO(body)).num_rows
    return rows


def _dead(own: Own, stack: str = "nrti") -> int:
    depth = sqs.depth(own.target(stack), outputs(own.target(stack)).dead_letter_queue_url)
    return depth.total if depth else 0


def _accepted(own: Own, count: int, model: str, stack: str = "nrti") -> set[str]:
    """Sends events, kills the embedded AWS after so many, and returns the ids of those that were accepted."""
    with Sender(own.target(stack), model) as sender:
        eventually(lambda: len(sender.accepted), lambda accepted: accepted >= count)
        _kill(own)
    return sender.accepted


def test_a_tail_goes_on_after_a_restart_and_a_new_one_sees_what_was_before_it(own: Own) -> None:
    produce = ("produce", "--model", "failure-v1", "--rate", "100", "--count")
    tail = ("tail", "--since", "10m", "--format", "json")
    own.nrti(*produce, "3")
    with own.begin(*tail, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as following:
        assert following.stdout
        try:
            before = [json.loads(following.stdout.readline())["event_id"] for _ in range(3)]
            process.stop(own.layout)
            process.start(own.layout)
            own.nrti(*produce, "1")
            after = json.loads(following.stdout.readline())["event_id"]
        finally:
            following.kill()

    tailed = own.nrti(*tail, "--no-follow")

    assert [json.loads(line)["event_id"] for line in tailed.stdout.splitlines()] == [*before, after]


def test_every_event_that_was_accepted_is_stored_once_whenever_it_is_killed(own: Own) -> None:
    accepted: set[str] = set()
    for _ in range(2):
        accepted |= _accepted(own, random.randrange(1, 100), "failure-v1")  # noqa: S311
        process.start(own.layout)

    eventually(lambda: accepted - set(_stored(own)), lambda missing: not missing)

    assert set(_stored(own).values()) == {1}
    assert _dead(own) == 0
    eventually(lambda: _lake(own), lambda rows: rows >= len(_stored(own)))
    assert _lake(own) == len(_stored(own))


def test_what_was_over_when_the_state_was_saved_does_not_run_again(own: Own) -> None:
    journal = own.layout.state / "journal.db"
    own.proves_to_work()
    process.stop(own.layout)
    with sqlite3.connect(journal) as db:
        (left,) = db.execute("SELECT count(*) FROM accepted").fetchone()

    process.start(own.layout)

    assert left <= 1
    own.proves_to_work()
    assert _dead(own) == 2


def test_a_journal_that_cannot_be_written_accepts_nothing_until_it_can(own: Own) -> None:
    own.proves_to_work()
    with sqlite3.connect(own.layout.state / "journal.db") as db:
        db.execute(
            "CREATE TRIGGER full BEFORE INSERT ON accepted "
            "BEGIN SELECT RAISE(FAIL, 'database or disk is full'); END"
        )
    with Sender(own.target(), "none", connections=1) as sender:
        eventually(lambda: sender.refused, lambda refused: refused.get(503, 0) > 3)
    assert sender.accepted == set()
    assert "cannot be written (database or disk is full)" in own.layout.log.read_text()

    with sqlite3.connect(own.layout.state / "journal.db") as db:
        db.execute("DROP TRIGGER full")
    own.proves_to_work()


def test_what_is_in_flight_at_a_stop_goes_on_after_the_next_start(own: Own) -> None:
    before = _dead(own)
    with Sender(own.target(), "none") as sender:
        eventually(lambda: len(sender.accepted), lambda accepted: accepted > 20)
        process.stop(own.layout)

    process.start(own.layout)

    eventually(lambda: _dead(own) - before, lambda dead: dead >= len(sender.accepted))


def test_the_first_event_of_a_stack_outlives_a_kill_too(own: Own) -> None:
    assert own.nrti("bootstrap", "--stack", "fresh").returncode == 0
    accepted = _accepted(own, 1, "none", "fresh")

    process.start(own.layout)

    eventually(lambda: _dead(own, "fresh"), lambda dead: dead >= len(accepted))

from __future__ import annotations

import os
import re
import signal
import subprocess

import pytest

from nrti_cli.aws.cloudformation import CloudFormation
from nrti_cli.aws.s3 import S3
from nrti_local import process
from nrti_local.server import lock
from tests.local.own import Own
from tests.waiting import eventually

LAKE = "nrti-lake-000000000000-eu-central-2"
TABLE = "nrti-predictions"


def _bootstrap(own: Own, *options: str) -> None:
    done = own.nrti("bootstrap", *options)
    assert done.returncode == 0, done.stderr


def _asked(own: Own, *options: str) -> str:
    """What a teardown at a terminal asks, before it is stopped."""
    ours, theirs = os.openpty()
    with own.begin(
        "teardown", *options, stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as asking:
        os.write(ours, b"n\n")
        _, said = asking.communicate(timeout=60)
    os.close(ours)
    os.close(theirs)
    assert (asking.returncode, said.splitlines()[-1].endswith("nothing was done")) == (1, True), said
    return next(line for line in said.splitlines() if "[y/N]" in line)


def test_everything_goes_and_a_second_time_there_is_nothing(own: Own) -> None:
    _bootstrap(own)
    S3(own.target()).put(LAKE, "predictions/day=2026-11-22/x.parquet", b"rows")

    unconfirmed = own.nrti("teardown")
    assert unconfirmed.returncode == 1
    assert f"bucket {LAKE}: 1 objects" in unconfirmed.stderr
    assert unconfirmed.stderr.splitlines()[-1] == (
        "nrti: the deletion needs confirmation, and stdin is not a terminal: pass --yes"
    )
    assert process.running(own.layout)

    looked = own.nrti("teardown", "--dry-run")
    assert looked.returncode == 0, looked.stderr
    assert looked.stdout.startswith("This would be deleted, including data:\n")
    assert f"bucket {LAKE}: 1 objects" in looked.stdout
    assert looked.stderr.endswith("nothing was deleted\n")
    assert own.nrti("status").returncode == 0

    assert _asked(own).startswith(
        "Delete stack nrti on local, the target remembered from nrti bootstrap? [y/N]"
    )
    assert _asked(own, "--target", "local").startswith("Delete stack nrti? [y/N]")

    done = own.nrti("teardown", "--yes")
    assert done.returncode == 0, done.stderr
    assert re.search(r"^API +\d+ deleted$", done.stderr, re.MULTILINE)
    assert not list(own.home.iterdir())

    again = own.nrti("teardown", "--yes")
    assert again.returncode == 0, again.stderr
    assert "nothing to delete" in again.stderr


def test_another_stack_stays(own: Own) -> None:
    _bootstrap(own)
    _bootstrap(own, "--stack", "nrti-two")

    assert own.nrti("teardown", "--yes", "--stack", "nrti").returncode == 0

    own.proves_to_work("nrti-two")
    assert CloudFormation(own.target()).stack_names() == ["nrti-two"]
    assert own.nrti("teardown", "--yes").returncode == 0
    assert not list(own.home.iterdir())


def test_kept_data_stays_and_the_next_stack_takes_it_in(own: Own) -> None:
    _bootstrap(own, "--buffer-seconds", "1")
    key, row = "predictions/day=2026-11-22/x.parquet", {"sensor": {"S": "s"}, "event_key": {"S": "k"}}
    S3(own.target()).put(LAKE, key, b"rows")
    own.client("dynamodb").put_item(TableName=TABLE, Item=row)

    done = own.nrti("teardown", "--yes", "--keep-data")

    assert done.returncode == 0, done.stderr
    assert f"kept: bucket {LAKE}, table {TABLE}; " in done.stderr
    assert CloudFormation(own.target()).stack_names() == []
    assert S3(own.target()).bucket_names() == [LAKE]

    plan = own.nrti("bootstrap", "--plan")
    assert plan.stdout.splitlines()[0].split() == ["import", "Table", "DynamoDB::Table"]
    assert CloudFormation(own.target()).stack_names() == []

    _bootstrap(own, "--buffer-seconds", "1")
    assert own.client("dynamodb").get_item(TableName=TABLE, Key=row)["Item"] == row
    assert S3(own.target()).get(f"s3://{LAKE}/{key}") == b"rows"
    own.proves_to_work()

    assert own.nrti("teardown", "--yes").returncode == 0
    assert not list(own.home.iterdir())


def test_data_without_a_stack_is_deleted_when_it_is_not_kept(own: Own) -> None:
    _bootstrap(own)
    _bootstrap(own, "--stack", "other")
    assert own.nrti("teardown", "--yes", "--stack", "nrti", "--keep-data").returncode == 0

    done = own.nrti("teardown", "--yes", "--stack", "nrti")

    assert done.returncode == 0, done.stderr
    assert "1 table" in done.stderr
    assert own.client("dynamodb").list_tables()["TableNames"] == ["other-predictions"]


def test_what_is_left_with_the_tag_is_named(own: Own) -> None:
    _bootstrap(own)
    _bootstrap(own, "--stack", "other")
    own.client("sqs").create_queue(QueueName="odd", tags={"nrti:stack": "nrti"})

    done = own.nrti("teardown", "--yes", "--stack", "nrti")

    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("nrti: not deleted: arn:aws:sqs:")


def test_an_interrupted_teardown_goes_on(own: Own) -> None:
    _bootstrap(own)
    _bootstrap(own, "--stack", "other")
    cloudformation = CloudFormation(own.target())
    stack = cloudformation.stack("nrti")
    assert stack
    cloudformation.delete_stack(stack.id)

    done = own.nrti("teardown", "--yes", "--stack", "nrti")

    assert done.returncode == 0, done.stderr
    assert not [name for name in S3(own.target()).bucket_names() if name.startswith("nrti-")]


def test_before_anything_there_is_nothing(own: Own) -> None:
    done = own.nrti("teardown", "--yes")

    assert done.returncode == 0
    assert done.stderr.splitlines()[-1] == "nothing to delete: there is no embedded AWS, hence no stack"


def test_the_embedded_aws_is_not_forgotten_with_one_of_its_stacks(own: Own) -> None:
    _bootstrap(own)
    _bootstrap(own, "--stack", "other")

    assert own.nrti("teardown", "--stack", "other", "--yes").returncode == 0

    shown = own.nrti("status")
    assert shown.returncode == 0, shown.stderr
    assert "stack nrti" in shown.stderr


def test_a_tour_that_tears_down_touches_nothing_else(own: Own) -> None:
    _bootstrap(own)

    toured = own.nrti("demo", "--teardown", "--seconds", "1")

    assert toured.returncode == 0, toured.stderr
    assert own.nrti("status").returncode == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_tour_that_is_ended_while_its_aws_comes_up_leaves_nothing(
    own: Own, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    monkeypatch.setenv("TMPDIR", str(own.home))
    tour = own.begin("demo", "--teardown", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    (started,) = eventually(lambda: list(own.home.glob("nrti-demo-*/local/lock")))

    tour.send_signal(number)

    assert tour.wait(timeout=30) == 130
    assert not lock.is_held(started)
    assert not list(own.home.iterdir())

from __future__ import annotations

import os
import re
import signal
import subprocess

import pytest

from nrti_cli.aws.cloudformation.stacks import CloudFormation
from nrti_cli.aws.s3.buckets import Buckets
from nrti_cli.aws.s3.objects import S3
from nrti_local import process
from nrti_local.server.processes import lock
from tests.local.own import Own
from tests.waiting import eventually

LAKE = "nrti-lake-000000000000-eu-central-2"


def _bootstrap(own: Own, *options: str) -> None:
    done = own.nrti("bootstrap", *options)
    assert done.returncode == 0, done.stderr


def _buckets(own: Own, stack: str) -> list[str]:
    return [name for name in Buckets(own.target()).names() if name.startswith(f"{stack}-")]


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
    assert f"bucket {LAKE}: 1 object" in unconfirmed.stderr
    assert unconfirmed.stderr.splitlines()[-1] == (
        "nrti: the deletion needs confirmation, and stdin is not a terminal: pass --yes"
    )
    assert process.running(own.layout)

    looked = own.nrti("teardown", "--dry-run")
    assert looked.returncode == 0, looked.stderr
    assert looked.stdout.startswith("This would be deleted, including data:\n")
    assert f"bucket {LAKE}: 1 object" in looked.stdout
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


def test_another_stack_stays(tenant: Own) -> None:
    _bootstrap(tenant, "--stack", "near")
    _bootstrap(tenant, "--stack", "near-by")

    assert tenant.nrti("teardown", "--yes", "--stack", "near").returncode == 0

    tenant.proves_to_work("near-by")
    names = CloudFormation(tenant.target()).stack_names()
    assert ("near" in names, "near-by" in names) == (False, True)


def test_kept_data_stays_and_the_next_stack_takes_it_in(tenant: Own) -> None:
    options = ("--stack", "keeping", "--buffer-seconds", "1")
    lake, table = "keeping-lake-000000000000-eu-central-2", "keeping-predictions"
    _bootstrap(tenant, *options)
    key, row = "predictions/day=2026-11-22/x.parquet", {"sensor": {"S": "s"}, "event_key": {"S": "k"}}
    s3, cloudformation = S3(tenant.target()), CloudFormation(tenant.target())
    s3.put(lake, key, b"rows")
    tenant.client("dynamodb").put_item(TableName=table, Item=row)

    done = tenant.nrti("teardown", "--yes", "--keep-data")

    assert done.returncode == 0, done.stderr
    assert f"kept: bucket {lake}, table {table}; " in done.stderr
    assert "keeping" not in cloudformation.stack_names()
    assert _buckets(tenant, "keeping") == [lake]

    plan = tenant.nrti("bootstrap", "--plan", "--stack", "keeping")
    assert plan.stdout.splitlines()[0].split() == ["import", "Table", "DynamoDB::Table"]
    assert "keeping" not in cloudformation.stack_names()

    _bootstrap(tenant, *options)
    assert tenant.client("dynamodb").get_item(TableName=table, Key=row)["Item"] == row
    assert s3.get(f"s3://{lake}/{key}") == b"rows"
    tenant.proves_to_work("keeping")

    assert tenant.nrti("teardown", "--yes").returncode == 0
    assert _buckets(tenant, "keeping") == []


def test_data_without_a_stack_is_deleted_when_it_is_not_kept(tenant: Own) -> None:
    _bootstrap(tenant, "--stack", "lone")
    assert tenant.nrti("teardown", "--yes", "--keep-data").returncode == 0
    assert "lone-predictions" in tenant.client("dynamodb").list_tables()["TableNames"]

    done = tenant.nrti("teardown", "--yes", "--stack", "lone")

    assert done.returncode == 0, done.stderr
    assert "1 table" in done.stderr
    assert "lone-predictions" not in tenant.client("dynamodb").list_tables()["TableNames"]


def test_what_is_left_with_the_tag_is_named(tenant: Own) -> None:
    _bootstrap(tenant, "--stack", "tagged")
    queue = tenant.client("sqs").create_queue(QueueName="odd", tags={"nrti:stack": "tagged"})["QueueUrl"]

    done = tenant.nrti("teardown", "--yes")

    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("nrti: not deleted: arn:aws:sqs:")
    tenant.client("sqs").delete_queue(QueueUrl=queue)


def test_an_interrupted_teardown_goes_on(tenant: Own) -> None:
    _bootstrap(tenant, "--stack", "halfway")
    cloudformation = CloudFormation(tenant.target())
    stack = cloudformation.stack("halfway")
    assert stack
    cloudformation.delete_stack(stack.id)

    done = tenant.nrti("teardown", "--yes")

    assert done.returncode == 0, done.stderr
    assert _buckets(tenant, "halfway") == []


def test_before_anything_there_is_nothing(own: Own) -> None:
    done = own.nrti("teardown", "--yes")

    assert done.returncode == 0
    assert done.stderr.splitlines()[-1] == "nothing to delete: there is no embedded AWS, so no stack"


def test_the_embedded_aws_is_not_forgotten_with_one_of_its_stacks(tenant: Own) -> None:
    _bootstrap(tenant, "--stack", "other")

    assert tenant.nrti("teardown", "--stack", "other", "--yes").returncode == 0

    shown = tenant.nrti("models")
    assert shown.returncode == 0, shown.stderr
    assert "local, stack nrti\n" in shown.stderr


def test_a_tour_that_tears_down_touches_nothing_else(tenant: Own) -> None:
    before = process.running(tenant.layout), CloudFormation(tenant.target()).stack_names()

    toured = tenant.nrti("demo", "--teardown", "--seconds", "1")

    assert toured.returncode == 0, toured.stderr
    assert (process.running(tenant.layout), CloudFormation(tenant.target()).stack_names()) == before


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

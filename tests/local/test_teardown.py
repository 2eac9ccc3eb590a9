from __future__ import annotations

from nrti_cli.aws.cloudformation import CloudFormation
from nrti_cli.aws.s3 import S3
from nrti_cli.local import process
from tests.local.own import Own

LAKE = "nrti-lake-000000000000-eu-central-2"


def _bootstrap(own: Own, *options: str) -> None:
    done = own.nrti("bootstrap", *options)
    assert done.returncode == 0, done.stderr


def test_everything_goes_and_a_second_time_there_is_nothing(own: Own) -> None:
    _bootstrap(own)
    S3(own.target()).put(LAKE, "predictions/day=2026-11-22/x.parquet", b"rows")

    unconfirmed = own.nrti("teardown")
    assert unconfirmed.returncode == 1
    assert f"bucket {LAKE}: 1 objects" in unconfirmed.stderr
    assert unconfirmed.stderr.splitlines()[-1] == (
        "nrti: nobody is there to confirm the deletion: pass --yes"
    )
    assert process.running(own.layout)

    done = own.nrti("teardown", "--yes")
    assert done.returncode == 0, done.stderr
    assert "delete complete  Table" in done.stderr
    assert not list(own.home.iterdir())

    again = own.nrti("teardown", "--yes")
    assert again.returncode == 0, again.stderr
    assert "nothing to tear down" in again.stderr


def test_another_stack_stays(own: Own) -> None:
    _bootstrap(own)
    _bootstrap(own, "--stack", "nrti-two")

    assert own.nrti("teardown", "--yes", "--stack", "nrti").returncode == 0

    own.proves_to_work("nrti-two")
    assert CloudFormation(own.target()).stack_names() == ["nrti-two"]
    assert own.nrti("teardown", "--yes").returncode == 0
    assert not list(own.home.iterdir())


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
    assert done.stderr.splitlines()[-1] == "nothing to tear down: there is no embedded AWS, hence no stack"

from __future__ import annotations

import os
import re
import signal
import subprocess
from collections.abc import Callable, Iterator

import pytest

from nrti_cli.aws.cloudformation.stacks import CloudFormation
from nrti_cli.aws.s3.buckets import Buckets
from nrti_cli.aws.s3.objects import S3
from nrti_local import process
from tests.local.own import Own
from tests.waiting import eventually

NAME = "nrti-predictions"
LAKE = "nrti-lake-000000000000-eu-central-2"
DONE = "created: stack nrti"


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Own]:
    own = Own(tmp_path_factory.mktemp("bootstrap"))
    yield own
    process.destroy(own.layout)


@pytest.fixture(scope="module")
def first(own: Own) -> subprocess.CompletedProcess[str]:
    """The very first bootstrap, from nothing."""
    return own.nrti("bootstrap", "--buffer-seconds", "1", "--throttle-rate", "500")


def _parameters(own: Own, stack: str = "nrti") -> dict[str, str]:
    found = CloudFormation(own.target(stack)).stack(stack)
    assert found
    return dict(found.parameters)


def _change_sets(own: Own) -> list[str]:
    listed = own.client("cloudformation").list_change_sets(StackName="nrti")["Summaries"]
    return [each["ChangeSetId"] for each in listed]


def test_from_nothing_to_a_stack_that_works(own: Own, first: subprocess.CompletedProcess[str]) -> None:
    assert first.returncode == 0, first.stderr
    assert "embedded AWS started at http://127.0.0.1:" in first.stderr
    assert "local, stack nrti\n" in first.stderr
    assert re.search(r"^storage +\d+ created$", first.stderr, re.MULTILINE)
    assert "_user_request_/events\n" in first.stdout
    own.proves_to_work()


def test_again_nothing_changes(own: Own, first: subprocess.CompletedProcess[str]) -> None:
    again = own.nrti("bootstrap")

    assert again.returncode == 0, again.stderr
    assert "nothing changed" in again.stderr
    assert "complete  Table" not in again.stderr
    assert again.stdout == first.stdout


@pytest.mark.usefixtures("first")
def test_another_one_at_the_same_time_is_asked_to_wait(own: Own) -> None:
    with process.deploying(own.layout):
        again = own.nrti("bootstrap")

    assert again.returncode == 1
    assert "another command is deploying" in again.stderr
    assert own.nrti("bootstrap").returncode == 0


@pytest.mark.usefixtures("first")
def test_an_option_changes_only_itself(own: Own) -> None:
    changed = own.nrti("bootstrap", "--throttle-burst", "77", "--verbose")

    assert "update complete  UsagePlan " in changed.stderr
    assert "Table" not in changed.stderr
    parameters = _parameters(own)
    assert (parameters["BufferSeconds"], parameters["ThrottleRate"]) == ("1", "500")
    assert parameters["ThrottleBurst"] == "77"


@pytest.mark.usefixtures("first")
def test_shards_are_set_alone_once_the_stream_is_provisioned(own: Own) -> None:
    assert own.nrti("bootstrap", "--kinesis-mode", "PROVISIONED", "--kinesis-shards", "4").returncode == 0

    plan = own.nrti("bootstrap", "--kinesis-shards", "3", "--plan")
    changed = own.nrti("bootstrap", "--kinesis-shards", "3")

    assert plan.returncode == changed.returncode == 0, plan.stderr + changed.stderr
    assert "Stream " in plan.stdout
    stream = own.client("kinesis").describe_stream_summary(StreamName=NAME)
    assert stream["StreamDescriptionSummary"]["OpenShardCount"] == 3
    assert own.nrti("bootstrap", "--kinesis-mode", "ON_DEMAND").returncode == 0


@pytest.mark.usefixtures("first")
def test_a_retention_reaches_the_function_and_the_lake(own: Own) -> None:
    item = {name: {"S": "k"} for name in ("sensor", "event_key")} | {"predicted_at": {"N": "4102444800000"}}
    own.client("dynamodb").put_item(TableName=NAME, Item=item)

    changed = own.nrti("bootstrap", "--retention-days", "9")

    assert changed.returncode == 0, changed.stderr
    assert "1 prediction stored before: now with an expiry" in changed.stderr
    key = {name: item[name] for name in ("sensor", "event_key")}
    found = own.client("dynamodb").get_item(TableName=NAME, Key=key)["Item"]
    assert found["expires_at"] == {"N": str(4_102_444_800 + 9 * 86_400)}
    function = own.client("lambda").get_function_configuration(FunctionName="nrti-inference")
    assert function["Environment"]["Variables"]["RETENTION_DAYS"] == "9"
    rules = own.client("s3").get_bucket_lifecycle_configuration(Bucket=LAKE)["Rules"]
    expiring = {
        rule["Filter"]["Prefix"]: rule["Expiration"]["Days"] for rule in rules if "Expiration" in rule
    }
    assert expiring == {"athena-results/": 7, "predictions/": 9, "labels/": 9, "errors/": 9}
    assert own.nrti("bootstrap", "--retention-days", "0").returncode == 0
    rules = own.client("s3").get_bucket_lifecycle_configuration(Bucket=LAKE)["Rules"]
    assert [rule["ID"] for rule in rules] == ["expire-query-results", "abort-unfinished-uploads"]


@pytest.mark.parametrize(
    ("gone", "delete"),
    [
        ("Table", lambda own: own.client("dynamodb").delete_table(TableName=NAME)),
        (
            "InferenceFunction",
            lambda own: own.client("lambda").delete_function(FunctionName="nrti-inference"),
        ),
        ("LakeBucket", lambda own: Buckets(own.target()).delete(LAKE)),
        (
            "DeliveryStream",
            lambda own: own.client("firehose").delete_delivery_stream(DeliveryStreamName=NAME),
        ),
        (
            "Workgroup",
            lambda own: own.client("athena").delete_work_group(WorkGroup="nrti", RecursiveDeleteOption=True),
        ),
    ],
)
@pytest.mark.usefixtures("first")
def test_what_was_deleted_by_hand_is_made_again(own: Own, gone: str, delete: Callable[[Own], object]) -> None:
    delete(own)

    repaired = own.nrti("bootstrap", "--verbose")

    assert repaired.returncode == 0, repaired.stderr
    assert f"missing: {gone};" in repaired.stderr
    assert f"complete  {gone} " in repaired.stderr
    own.proves_to_work()


@pytest.mark.usefixtures("first")
def test_a_lost_stream_costs_no_item(own: Own) -> None:
    item = {"sensor": {"S": "s"}, "event_key": {"S": "k"}}
    own.client("dynamodb").put_item(TableName=NAME, Item=item)
    own.client("kinesis").delete_stream(StreamName=NAME)

    repaired = own.nrti("bootstrap")

    assert "missing: Stream;" in repaired.stderr
    assert own.client("dynamodb").get_item(TableName=NAME, Key=item)["Item"] == item
    destinations = own.client("dynamodb").describe_kinesis_streaming_destination(TableName=NAME)
    statuses = {each["DestinationStatus"] for each in destinations["KinesisDataStreamDestinations"]}
    assert "ACTIVE" in statuses


@pytest.mark.usefixtures("first")
def test_a_killed_process_comes_back(own: Own) -> None:
    running = process.running(own.layout)
    assert running
    os.kill(running.pid, signal.SIGKILL)
    eventually(lambda: process.running(own.layout) is None)

    again = own.nrti("bootstrap")

    assert again.returncode == 0, again.stderr
    own.proves_to_work()


@pytest.mark.usefixtures("first")
def test_a_stack_whose_objects_alone_are_left_is_made_anew_around_them(own: Own) -> None:
    S3(own.target()).put(LAKE, "predictions/day=2026-11-22/x.parquet", b"rows")
    process.stop(own.layout)
    (own.layout.state / "services.db").unlink()

    again = own.nrti("bootstrap")

    assert again.returncode == 0, again.stderr
    assert DONE in again.stderr
    assert f"existing resources, imported unchanged: {LAKE}\n" in again.stderr
    assert S3(own.target()).get(f"s3://{LAKE}/predictions/day=2026-11-22/x.parquet") == b"rows"
    own.proves_to_work()


@pytest.mark.usefixtures("first")
def test_a_resource_that_fails_is_named_and_the_next_bootstrap_recovers(own: Own) -> None:
    firehose = own.client("firehose")
    firehose.create_delivery_stream(
        DeliveryStreamName="second-predictions",
        S3DestinationConfiguration={
            "RoleARN": "arn:aws:iam::000000000000:role/r",
            "BucketARN": f"arn:aws:s3:::{LAKE}",
        },
    )

    failed = own.nrti("bootstrap", "--stack", "second")

    assert failed.returncode == 1
    line = failed.stderr.splitlines()[-1]
    assert line.startswith("nrti: deploying the stack failed (ROLLBACK_COMPLETE): DeliveryStream (")
    assert "\n  nrti teardown --target local --stack second\n" in failed.stderr
    assert own.nrti("status").stderr.startswith("local, stack nrti\n")
    firehose.delete_delivery_stream(DeliveryStreamName="second-predictions")

    recovered = own.nrti("bootstrap", "--stack", "second")

    assert recovered.returncode == 0, recovered.stderr
    assert "\nlater commands address --target local --stack second\n" in recovered.stderr
    assert "\n  previously --target local --stack nrti\n" in recovered.stderr
    assert own.nrti("status").stderr.startswith("local, stack second\n")
    own.proves_to_work("second")
    assert _parameters(own, "second")["BufferSeconds"] == "5"


@pytest.mark.usefixtures("first")
def test_a_plan_names_what_would_change_and_changes_nothing(own: Own) -> None:
    before, change_sets = _parameters(own), _change_sets(own)

    plan = own.nrti("bootstrap", "--plan", "--throttle-rate", "501", "--alarm-email", "a@example.com")

    assert plan.returncode == 0, plan.stderr
    assert any(line.startswith("add         AlarmTopic ") for line in plan.stdout.splitlines())
    assert any("UsagePlan " in line and "Throttle" in line for line in plan.stdout.splitlines())
    assert "nothing was changed" in plan.stderr
    assert _parameters(own) == before
    assert _change_sets(own) == change_sets


@pytest.mark.usefixtures("first")
def test_a_plan_names_no_resource_that_only_refers_to_a_changed_one(own: Own) -> None:
    plan = own.nrti("bootstrap", "--plan", "--retention-days", "31")

    changes = {line.split()[1]: line.split()[0] for line in plan.stdout.splitlines()}
    assert changes == dict.fromkeys(("InferenceFunction", "LakeBucket", "ShadowFunction"), "modify")
    assert "3 resources would change; nothing was changed\nnot counted: 17 resources" in plan.stderr


def test_the_plan_of_a_new_stack_leaves_none(own: Own) -> None:
    plan = own.nrti("bootstrap", "--plan", "--stack", "planned")

    assert plan.returncode == 0, plan.stderr
    assert "add         Table " in plan.stdout
    assert CloudFormation(own.target()).stack("planned") is None
    assert not [name for name in Buckets(own.target()).names() if name.startswith("planned")]


@pytest.mark.usefixtures("first")
@pytest.mark.parametrize(
    "wrong",
    [
        ["--buffer-seconds", "-1"],
        ["--throttle-rate", "0"],
        ["--log-retention-days", "2"],
        ["--alarm-email", "robot-7"],
        ["--kinesis-mode", "SOMETIMES"],
        ["--kinesis-shards", "2"],
        ["--kinesis-shards", "2", "--plan"],
        ["--kinesis-shards", "2", "--kinesis-mode", "ON_DEMAND"],
        ["--quicksight-import", "SPICE"],
        ["--quicksight-user", "arn:aws:quicksight:us-east-1:111122223333:user/default/ada"],
    ],
)
def test_a_wrong_option_is_one_line(own: Own, wrong: list[str]) -> None:
    refused = own.nrti("bootstrap", *wrong)

    assert refused.returncode == 2
    assert len([line for line in refused.stderr.splitlines() if not line.startswith("local, ")]) == 1

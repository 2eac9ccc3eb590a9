"""The dead-letter queue refuses messages: the requests are kept in S3, and a redrive brings them back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from nrti_cli.aws import sqs
from nrti_cli.aws.sqs import Queue
from nrti_cli.aws.target import Target
from nrti_cli.deadletters.sweep import Sweep
from nrti_cli.stack.names import artifacts_bucket
from nrti_cli.stack.outputs import outputs
from nrti_cli.verify.account import Account
from nrti_cli.verify.places import Places, TimeRange
from tests.local.conftest import Nrti
from tests.local.deployed import Pipeline
from tests.waiting import eventually


@pytest.fixture
def full(pipeline: Target) -> Iterator[Target]:
    """The pipeline, whose queue takes no message of more than 1,024 bytes."""
    _take(pipeline, 1_024)
    yield pipeline
    _take(pipeline, 1_048_576)
    sweep = Sweep(Queue(pipeline, outputs(pipeline).dead_letter_queue_url))
    sweep.remove(*sweep.letters())
    sweep.end()


def _take(target: Target, size: int) -> None:
    queue = outputs(target).dead_letter_queue_url
    target.client("sqs").set_queue_attributes(QueueUrl=queue, Attributes={"MaximumMessageSize": str(size)})


def _kept(target: Target) -> list[dict[str, Any]]:
    s3, bucket = target.client("s3"), artifacts_bucket(target)
    listed = s3.list_objects_v2(Bucket=bucket, Prefix="unparked/").get("Contents", [])
    return [json.loads(s3.get_object(Bucket=bucket, Key=each["Key"])["Body"].read()) for each in listed]


def _stage(nrti: Nrti, name: str) -> dict[str, Any]:
    stages = json.loads(nrti("status", "--format", "json").stdout)["stages"]
    found: dict[str, Any] = next(stage for stage in stages if stage["name"] == name)
    return found


def _in_queue(target: Target) -> int:
    depth = sqs.depth(target, outputs(target).dead_letter_queue_url)
    assert depth
    return depth.total


def _noted(nrti: Nrti) -> str:
    """What a rule on dead letters sees; nothing listens at its webhook."""
    added = nrti("alert", "add", "--dead-letters", "--webhook", "-", input="http://127.0.0.1:9/")
    rule = added.stdout.strip()
    found = {alert["id"]: alert for alert in json.loads(nrti("alert", "list", "--format", "json").stdout)}
    nrti("alert", "remove", rule)
    return str(found[rule]["note"])


def _failures(target: Target) -> list[str]:
    """The errors of the failed executions, by their log."""
    group = f"/aws/vendedlogs/states/{target.stack}-inference"
    events = target.client("logs").filter_log_events(logGroupName=group)["events"]
    lines = [json.loads(event["message"]) for event in events]
    return [line["details"]["error"] for line in lines if line["type"] == "ExecutionFailed"]


def test_what_the_queue_refuses_is_kept_and_a_redrive_brings_it_back(
    full: Target, deployed: Pipeline, nrti: Nrti, sensor: str
) -> None:
    wrong = {"sensor": sensor, "start": 2, "end": 1, "label": 1}
    events = [
        {"sensor": sensor, "model": "no-such", "data": [1, 2, 3], "event_id": f"e{n}"} for n in range(25)
    ]

    deployed.send(events)
    assert deployed.post([wrong] * 30, "/labels")[0] == 202

    letters = eventually(lambda: _kept(full), lambda found: len(found) == 2)
    kept = next(letter for letter in letters if "events" in letter)
    assert [event["event_id"] for event in kept["events"]] == [event["event_id"] for event in events]
    assert kept["error"] == "SQS.AmazonSQSException"
    assert _failures(full).count("RequestKept") == 2
    stage = _stage(nrti, "dead letters")
    assert (stage["state"], stage["kept"]) == ("warn", 2)
    assert _stage(nrti, "workflow")["failed"] >= 1, "the alarm of failed workflows goes off by this metric"
    account = Account(has_ledger=False)
    Places(full, outputs(full), TimeRange(kept["received_at"], kept["received_at"])).enter(account)
    assert account.reasons()[kept["error"]] == 25
    all_letters = f"{_in_queue(full) + 2:,} dead letters: nrti redrive --dry-run shows why"
    assert nrti("tail", "--no-follow").stderr.splitlines()[-1] == all_letters
    assert "2 requests that it refused kept in S3" in _noted(nrti)
    seen = json.loads(nrti("redrive", "--dry-run", "--model", "no-such", "--format", "json").stdout)["lines"]
    assert [(line["outcome"], line["events"]) for line in seen] == [("found", 25)]

    _take(full, 1_048_576)
    done = nrti("redrive", "--format", "json")

    assert "2 requests that the queue had refused moved into it" in done.stderr
    lines = {(line["outcome"], line["reason"], line["events"]) for line in json.loads(done.stdout)["lines"]}
    assert {("failing", "UnknownModel", 25), ("failing", "InvalidLabel", 30)} <= lines
    assert not _kept(full)
    assert _stage(nrti, "dead letters")["kept"] == 0

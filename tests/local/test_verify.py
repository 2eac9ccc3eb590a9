"""`nrti verify` and the ledger on the embedded AWS, with events that were lost, parked, and brought home."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import time
import uuid
from pathlib import Path
from typing import Any

import pytest

from nrti_cli.aws.target import Target
from nrti_cli.ledger import read_ledger, sent_path
from nrti_cli.models.endpoint import find
from nrti_cli.stack.outputs import outputs
from nrti_cli.verify.places import TimeRange
from nrti_cli.verify.run import executions
from nrti_local import process
from nrti_local.server.processes.layout import Layout
from tests.local.conftest import Nrti
from tests.local.own import NRTI
from tests.local.publications import artifact_uri
from tests.waiting import eventually


def verified(nrti: Nrti, ledger: Path, *options: str) -> tuple[int, dict[str, Any]]:
    done = nrti("verify", "--ledger", str(ledger), "--format", "json", *options)
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout)


def accepted(ledger: Path) -> int:
    """How many events have been accepted so far."""
    return sum(1 for _ in read_ledger(ledger)) if ledger.exists() else 0


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    return tmp_path / "accepted.ledger"


def test_what_was_accepted_is_all_there_and_what_is_taken_away_is_named(
    pipeline: Target, model: str, nrti: Nrti, ledger: Path
) -> None:
    for batch in ("1", "25"):
        done = nrti(
            "produce",
            "--model",
            model,
            "--rate",
            "200",
            "--count",
            "100",
            "--batch",
            batch,
            "--ledger",
            str(ledger),
        )
        assert done.returncode == 0, done.stderr
    assert "is appended to" in done.stderr
    assert not sent_path(ledger).exists()

    code, found = verified(nrti, ledger)

    assert code == 0
    assert (found["accepted"], found["stored"], found["delivered"]) == (200, 200, 200)
    assert (found["dead"], found["missing"], found["undelivered"], found["duplicates"]) == (0, 0, 0, 0)
    assert sum(group["accepted"] for group in found["groups"]) == 200
    lost = found["groups"][0]["sensor"]
    entry = next(entry for entry in read_ledger(ledger) if entry.sensor == lost)
    (key,) = (
        item["event_key"]
        for item in pipeline.client("dynamodb").query(
            TableName=outputs(pipeline).table,
            KeyConditionExpression="sensor = :s",
            ExpressionAttributeValues={":s": {"S": lost}},
        )["Items"]
        if item["event_id"]["S"] == entry.event_id
    )
    pipeline.client("dynamodb").delete_item(
        TableName=outputs(pipeline).table, Key={"sensor": {"S": lost}, "event_key": key}
    )

    done = nrti("verify", "--ledger", str(ledger), "--wait", "100ms")

    assert done.returncode == 1
    assert f"not in the table: {lost} {key['S']}" in done.stdout
    assert "of 200 events, 1 are missing" in done.stderr


def test_what_the_lake_has_lost_is_put_there_again_and_once(
    pipeline: Target, model: str, nrti: Nrti, ledger: Path
) -> None:
    done = nrti("produce", "--model", model, "--rate", "200", "--count", "50", "--ledger", str(ledger))
    assert done.returncode == 0, done.stderr
    assert verified(nrti, ledger)[1]["delivered"] == 50
    newest = max(_lake(pipeline), key=lambda found: found["LastModified"])
    pipeline.client("s3").delete_object(Bucket=outputs(pipeline).lake_bucket, Key=newest["Key"])
    report = nrti("verify", "--ledger", str(ledger), "--format", "json", "--wait", "100ms")
    assert report.returncode == 1
    assert "nrti verify --repair puts the stored ones there" in report.stderr
    lost = json.loads(report.stdout)["undelivered"]
    assert lost > 0

    done = nrti("verify", "--ledger", str(ledger), "--repair", "--wait", "3s")

    assert done.returncode == 0, done.stderr
    assert f"delivering {lost} stored predictions to the lake again" in done.stderr
    again = nrti("verify", "--ledger", str(ledger), "--repair", "--format", "json")
    assert "being delivered" not in again.stderr
    found = json.loads(again.stdout)
    assert (found["delivered"], found["undelivered"], found["duplicates"]) == (50, 0, 0)


def _lake(pipeline: Target) -> list[Any]:
    """The objects that hold the predictions."""
    bucket = outputs(pipeline).lake_bucket
    return list(pipeline.client("s3").list_objects_v2(Bucket=bucket, Prefix="predictions/")["Contents"])


def test_a_model_that_goes_in_mid_stream_costs_no_event(
    pipeline: Target, model: str, nrti: Nrti, ledger: Path
) -> None:
    name = f"fleeting-{uuid.uuid4().hex[:8]}"
    artifact = artifact_uri(pipeline, find(pipeline, model).source)
    publish = ("deploy-model", "--name", name, "--artifact", artifact)
    assert nrti(*publish).returncode == 0
    arguments = ("--model", name, "--rate", "50", "--count", "150", "--ledger", str(ledger))
    with subprocess.Popen(
        [NRTI, "produce", *arguments], stderr=subprocess.DEVNULL, cwd=ledger.parent
    ) as producer:
        eventually(lambda: accepted(ledger), lambda count: count > 40)
        pipeline.client("sagemaker").delete_endpoint(EndpointName=f"nrti-{name}")
        assert producer.wait(timeout=60) == 0

    code, found = verified(nrti, ledger)
    assert code == 0
    assert (found["accepted"], found["missing"]) == (150, 0)
    assert found["reasons"] == {"UnknownModel": found["dead"]}
    assert found["dead"] > 0
    assert found["stored"] == 150 - found["dead"]

    assert nrti(*publish).returncode == 0
    redriven = nrti("redrive", "--model", name)
    assert redriven.returncode == 0, redriven.stderr
    code, found = verified(nrti, ledger)
    assert code == 0
    assert (found["stored"], found["delivered"], found["dead"], found["duplicates"]) == (150, 150, 0, 0)
    # The model published last is the one that other tests produce for.
    pipeline.client("sagemaker").delete_endpoint(EndpointName=f"nrti-{name}")


def test_a_producer_that_is_killed_leaves_what_it_had_no_answer_to(
    model: str, nrti: Nrti, ledger: Path
) -> None:
    arguments = ("produce", "--model", model, "--rate", "2000", "--ledger", str(ledger))
    with subprocess.Popen([NRTI, *arguments], stderr=subprocess.DEVNULL, cwd=ledger.parent) as producer:
        eventually(lambda: accepted(ledger), lambda count: count > 50)
        producer.kill()
    sent = {json.loads(line)["event_id"] for line in sent_path(ledger).read_text().splitlines()}
    left = sent - {entry.event_id for entry in read_ledger(ledger)}

    again = nrti("produce", "--model", model, "--rate", "200", "--count", "1", "--ledger", str(ledger))

    assert again.returncode == 0, again.stderr
    assert left <= {entry.event_id for entry in read_ledger(ledger)}
    assert sent <= {entry.event_id for entry in read_ledger(ledger)}
    assert (f"{len(left):,} events without a response" in again.stderr) == bool(left)
    assert verified(nrti, ledger)[0] == 0


def test_a_producer_that_is_terminated_leaves_what_is_to_be_sent_again(
    nrti_home: Path, model: str, nrti: Nrti, ledger: Path
) -> None:
    unsent = ledger.with_name("unsent.jsonl")
    running = process.running(Layout(nrti_home / "local"))
    assert running
    arguments = ("--model", model, "--rate", "200", "--ledger", str(ledger), "--unsent", str(unsent))
    with subprocess.Popen([NRTI, "produce", *arguments], stderr=subprocess.PIPE, text=True) as producer:
        eventually(lambda: accepted(ledger), lambda count: count > 50)
        os.kill(running.pid, signal.SIGSTOP)
        try:
            # Answers that were on their way when it stopped still come.
            eventually(
                lambda: len(sent_path(ledger).read_bytes().splitlines()) - accepted(ledger),
                lambda unanswered: unanswered > 20,
            )
            producer.terminate()
            _, report = producer.communicate(timeout=60)
        finally:
            os.kill(running.pid, signal.SIGCONT)

    left = len(unsent.read_text().splitlines())
    [sent] = re.findall(r"^([\d,]+) sent", report, re.MULTILINE)
    assert producer.returncode == 1
    assert left > 20
    assert accepted(ledger) + left == int(sent.replace(",", ""))
    assert not sent_path(ledger).exists()

    again = nrti("produce", "--input", str(unsent), "--rate", "200", "--ledger", str(ledger))

    assert again.returncode == 0, again.stderr
    code, found = verified(nrti, ledger)
    assert (code, found["accepted"], found["duplicates"]) == (0, int(sent.replace(",", "")), 0)


def test_without_a_ledger_the_table_is_held_against_the_lake(
    pipeline: Target, model: str, nrti: Nrti
) -> None:
    stack, now = outputs(pipeline), round(time.time() * 1000)
    before = executions(pipeline, stack, TimeRange(now - 3_600_000, now))
    unjudged = nrti("produce", "--wait", "--input", "-", input='{"model": "absent", "data": [1]}')
    assert "1 of 1 events were not scored" in unjudged.stderr
    sent = nrti("produce", "--model", model, "--rate", "100", "--count", "20")
    assert sent.returncode == 0, sent.stderr

    done = nrti("verify", "--since", "1h", "--wait", "20s", "--format", "json")

    found = json.loads(done.stdout)
    assert found["accepted"] is None
    assert found["executions"] == before + 21
    assert found["stored"] >= 20


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--ledger", "none.ledger"), "none.ledger cannot be read"),
        (("--since", "1m", "--until", "2m"), "--since is later than --until"),
    ],
)
def test_wrong_input_is_one_line(pipeline: Target, nrti: Nrti, options: tuple[str, ...], said: str) -> None:  # noqa: ARG001
    done = nrti("verify", *options)

    assert done.returncode > 0
    assert said in done.stderr.splitlines()[-1]

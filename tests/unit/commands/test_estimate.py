"""`nrti estimate` as a shell sees it."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.local import forked


def _estimate(*arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return forked.nrti("estimate", *arguments, cwd=cwd or Path.cwd(), env={"COLUMNS": "200"})


def test_the_json_adds_up_and_says_how() -> None:
    done = _estimate("--rate", "100", "--batch", "25", "--format", "json")
    document = json.loads(done.stdout)

    assert (done.returncode, done.stderr) == (0, "")
    assert document["region"] == "us-east-1"
    assert document["workload"]["batch"] == 25
    assert document["total"] == pytest.approx(sum(line["cost"] for line in document["lines"]))
    assert {line["component"] for line in document["lines"]} == {
        "API Gateway",
        "Step Functions",
        "Lambda",
        "SageMaker",
        "DynamoDB",
        "Kinesis",
        "Firehose",
        "S3",
        "Athena",
        "CloudWatch",
        "SQS",
        "QuickSight",
    }
    assert all(line["how"] and line["because"] and line["page"] for line in document["lines"])


def test_the_table_shows_the_total_and_stderr_the_reservations() -> None:
    document = json.loads(_estimate("--rate", "1", "--region", "eu-central-1", "--format", "json").stdout)

    done = _estimate("--rate", "1", "--region", "eu-central-1", "--explain")

    assert done.returncode == 0
    assert f"{document['total']:,.2f}" in done.stdout
    assert document["prices_of"] in done.stdout
    assert "2,628,000 events / 1 per request" in done.stdout
    assert "from memory" in done.stderr
    assert "not included" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ((), "--rate"),
        (("--rate", "0"), "--rate"),
        (("--rate", "-3"), "--rate"),
        (("--rate", "nan"), "--rate"),
        (("--rate", "inf"), "--rate"),
        (("--rate", "many"), "--rate"),
        (("--rate", "1", "--batch", "26"), "--batch"),
        (("--rate", "1", "--length", "513"), "--length"),
        (("--rate", "1", "--memory", "1500"), "--memory"),
        (("--rate", "1", "--inference-ms", "nan"), "--inference-ms"),
        (("--rate", "1", "--months", "nan"), "--months"),
        (("--rate", "1", "--region", "mars-north-1"), "mars-north-1"),
        (("--rate", "1", "--format", "xml"), "--format"),
    ],
    ids=" ".join,
)
def test_wrong_input_is_one_line(arguments: tuple[str, ...], reason: str) -> None:
    done = _estimate(*arguments)

    assert done.returncode == 2
    assert done.stdout == ""
    assert len(done.stderr.strip().splitlines()) == 1
    assert done.stderr.startswith("nrti: ")
    assert reason in done.stderr


def test_nothing_is_asked_and_nothing_is_left_behind(tmp_path: Path) -> None:
    done = _estimate("--rate", "1", cwd=tmp_path)

    assert done.returncode == 0
    assert list(tmp_path.iterdir()) == []

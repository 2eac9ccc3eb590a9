"""`nrti produce` on the embedded AWS, as a user runs it."""

from __future__ import annotations

import json
import signal
import subprocess
from pathlib import Path
from typing import Any

import boto3
import pytest
from boto3.dynamodb.conditions import Key

from nrti_cli.aws.target import Target
from nrti_cli.errors import NrtiError
from nrti_cli.producer.run import SendRate
from nrti_cli.producer.session import SendPlan, produce
from nrti_cli.producer.sources import Defaults, random_events
from nrti_cli.stack.outputs import outputs
from nrti_local.process import KEY, REGION
from tests.local.conftest import Nrti
from tests.local.own import NRTI
from tests.waiting import eventually

pytestmark = pytest.mark.usefixtures("model")


def stored(target: Target, sensor: str, count: int) -> list[dict[str, Any]]:
    """The items of a sensor, once there are so many of them."""
    dynamodb = boto3.Session(KEY, KEY, region_name=REGION).resource(
        "dynamodb", endpoint_url=target.endpoint_url
    )
    table = dynamodb.Table(outputs(target).table)

    return eventually(
        lambda: table.query(KeyConditionExpression=Key("sensor").eq(sensor))["Items"],
        lambda found: len(found) >= count,
    )


def test_what_is_accepted_is_stored_under_ids_of_its_own(pipeline: Target, nrti: Nrti) -> None:
    done = nrti("produce", "--rate", "200", "--count", "40", "--batch", "7", "--sensor", "batches")
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    assert "40 sent, 40 accepted, 0 retried, 0 rejected, 0 given up" in done.stderr
    items = stored(pipeline, "batches", 40)
    assert len({item["event_id"] for item in items}) == len(items) == 40
    assert {item["model"] for item in items} == {"failure-v1"}


def test_a_line_for_each_event_at_a_low_rate(nrti: Nrti) -> None:
    done = nrti("produce", "--rate", "5", "--count", "2", "--arrivals", "steady", "--sensor", "low[bold]")
    assert done.returncode == 0, done.stderr
    lines = [line for line in done.stderr.splitlines() if "low[bold]  failure-v1  [" in line]
    assert len(lines) == 2
    assert all("  accepted  " in line for line in lines)


def test_a_file_that_is_sent_twice_is_stored_once(pipeline: Target, nrti: Nrti, tmp_path: Path) -> None:
    rows = "".join(f"row-{number},2026-01-01 00:00:{number:02},{number},50,7,0\n" for number in range(30))
    (tmp_path / "rows.csv").write_text("id,timestamp,a,b,c,event\n" + rows)
    for _ in range(2):
        done = nrti("produce", "--rate", "500", "--input", str(tmp_path / "rows.csv"), "--sensor", "twice")
        assert done.returncode == 0, done.stderr
        assert "30 events in " in done.stderr
    assert {item["event_id"] for item in stored(pipeline, "twice", 30)} == {f"row-{n}" for n in range(30)}


def test_standard_input_is_sent_as_it_comes(pipeline: Target, nrti: Nrti) -> None:
    events = "".join(json.dumps({"sensor": "stdin", "data": [number, 2, 3]}) + "\n" for number in range(3))
    done = nrti("produce", "--rate", "100", "--input", "-", input=events)
    assert done.returncode == 0, done.stderr
    assert [int(item["data"][0]) for item in stored(pipeline, "stdin", 3)] == [0, 1, 2]


def test_a_wrong_key_is_refused_with_the_apis_words_and_nothing_is_lost(
    pipeline: Target, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stack = outputs(pipeline)
    plan = SendPlan(
        events=random_events(Defaults("failure-v1", 3, ("wrong-key",), 1)),
        send_rate=SendRate(100, "steady", None),
        count=5,
        unsent=tmp_path / "unsent.jsonl",
    )
    url = f"{pipeline.invoke_url(stack.api_id, stack.api_stage)}/events"
    with pytest.raises(NrtiError, match="5 of 5 events were not accepted: send them again with nrti produce"):
        produce(url, "wrong-secret", plan)
    shown = capsys.readouterr().err
    assert "5 not accepted: 403" in shown
    assert "wrong-secret" not in shown
    assert len((tmp_path / "unsent.jsonl").read_text().splitlines()) == 5


def test_refused_events_are_in_a_file_and_the_exit_code_says_so(nrti: Nrti, tmp_path: Path) -> None:
    unsent = tmp_path / "unsent.jsonl"
    # API Gateway takes 10 MB, Step Functions 256 KiB: the batch fits the schema, but not the workflow.
    event = json.dumps({"sensor": "large", "data": [0.12345678901234567e-30] * 512}) + "\n"
    (tmp_path / "large.jsonl").write_text(event.replace('"data"', '"model": "failure-v1", "data"') * 25)
    done = nrti("produce", "--batch", "25", "--input", str(tmp_path / "large.jsonl"), "--unsent", str(unsent))
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == (
        f"nrti: 25 of 25 events were not accepted: send them again with nrti produce --input {unsent}"
    )
    assert len(unsent.read_text().splitlines()) == 25


@pytest.mark.parametrize("feed", [(), ("--input", "-")])
def test_ctrl_c_ends_it_cleanly(feed: tuple[str, ...], tmp_path: Path) -> None:
    command = [NRTI, "produce", "--rate", "5", "--sensor", "ctrl-c", *feed]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=tmp_path
    ) as process:
        assert process.stdin
        assert process.stderr
        process.stdin.write('{"data": [1, 2, 3]}\n')
        process.stdin.flush()
        while "accepted" not in (line := process.stderr.readline()):
            assert line, "it ended too early"
        process.send_signal(signal.SIGINT)
        rest = process.stderr.read()
    assert process.returncode == 0, rest
    assert "0 given up" in rest
    assert "Traceback" not in rest
    assert "Fatal" not in rest


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (["--rate", "0"], 2, "'--rate'"),
        (["--count", "-1"], 2, "'--count'"),
        (["--batch", "26"], 2, "'--batch'"),
        (["--duration", "soon"], 2, "Invalid value for '--duration': 'soon' is not a duration: write 30s"),
        (["--model", "nothing"], 1, "model 'nothing' does not exist, published are: 'failure-v1'"),
        (["--input", "missing.csv"], 1, "missing.csv cannot be read (No such file or directory)"),
        (["--input", "bad.csv"], 1, "bad.csv, line 3, column 'c': 'x' is not a number"),
        (["--input", "bad.csv", "--unsent", "./bad.csv"], 2, "--input and --unsent name the same file"),
        (["--count", "1", "--unsent", "bad.csv"], 2, "bad.csv exists and does not hold events"),
        (["--count", "1", "--ledger", "bad.csv"], 2, "bad.csv exists and does not hold a ledger"),
    ],
)
def test_wrong_input_is_one_line_and_nothing_is_sent(
    nrti: Nrti, tmp_path: Path, arguments: list[str], status: int, message: str
) -> None:
    (tmp_path / "bad.csv").write_text("a,b,c\n1,2,3\n1,2,x\n")
    done = nrti("produce", *arguments, cwd=tmp_path)
    assert done.returncode == status
    assert done.stdout == ""
    last = done.stderr.splitlines()[-1]
    assert last.startswith("nrti: ")
    assert message in last
    assert "accepted" not in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["bad.csv"]

"""`nrti forget` on the embedded AWS, while events of other sensors come in."""

from __future__ import annotations

import io
import json
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import parquet

from nrti_cli.aws.glue import RawTable
from nrti_cli.aws.sqs import Queue
from nrti_cli.aws.target import Target
from nrti_cli.deadletters.sweep import Sweep
from nrti_cli.forgetting.lake import LakeTable
from nrti_cli.forgetting.records import Scope
from nrti_cli.forgetting.rows import Wanted
from nrti_cli.stack.names import artifacts_bucket
from tests.local.conftest import Nrti
from tests.local.deployed import Pipeline
from tests.local.own import NRTI
from tests.local.small_stack import make_bucket
from tests.waiting import eventually

_EARLY = 1_700_000_000_000  # of November 2023


def _sent(nrti: Nrti, directory: Path, *sensors: str) -> Path:
    """Sends three events of each sensor, the first of long ago; returns the ledger."""
    events = [
        {"sensor": sensor, "data": [10, 80, number], "event_id": f"{sensor}-{number}"}
        | ({"timestamp": _EARLY} if number == 0 else {})
        for sensor in sensors
        for number in range(3)
    ]
    (directory / "events").write_text("".join(json.dumps(each) + "\n" for each in events))
    ledger = directory / "ledger"
    files = ("--input", str(directory / "events"), "--ledger", str(ledger))
    done = nrti("produce", "--model", "failure-v1", "--rate", "100", *files)
    assert done.returncode == 0, done.stderr
    return ledger


def _forgotten(nrti: Nrti, *options: str) -> Any:
    done = nrti("forget", "--yes", "--format", "json", *options)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def _parked(deployed: Pipeline) -> list[set[str]]:
    """The sensors in each dead letter."""
    sweep = Sweep(Queue(deployed.target, deployed.stack.dead_letter_queue_url))
    try:
        return [
            {event["sensor"] for event in letter.events if isinstance(event, dict)}  # other tests leave some
            for letter in sweep.letters()
        ]
    finally:
        sweep.end()


@contextmanager
def _traffic(ledger: str) -> Iterator[subprocess.Popen[bytes]]:
    """Events of other sensors, 25 a second."""
    producing = subprocess.Popen(
        [NRTI, "produce", "--rate", "25", "--ledger", ledger, "--unsent", f"{ledger}.unsent"],
        stderr=subprocess.DEVNULL,
    )
    try:
        eventually(lambda: Path(ledger).exists() and Path(ledger).stat().st_size)
        yield producing
    finally:
        producing.send_signal(signal.SIGINT)
        producing.wait(30)


def test_a_sensor_is_forgotten_everywhere_and_others_keep_what_they_have(
    deployed: Pipeline, nrti: Nrti, sensor: str, tmp_path: Path
) -> None:
    other = f"{sensor}-other"
    ledger = _sent(nrti, tmp_path, sensor, other)
    deployed.send([{"sensor": each, "model": "none", "data": [1, 2, 3]} for each in (sensor, other)])
    eventually(lambda: _parked(deployed), lambda letters: {sensor, other} in letters)
    eventually(lambda: deployed.rows(other), lambda rows: len(rows) == 3)
    last = deployed.items(sensor)[-1]
    shadow = {**last, "event_key": {"S": f"{last['event_key']['S']}#shadow"}, "shadow": {"BOOL": True}}
    deployed.target.client("dynamodb").put_item(TableName=deployed.stack.table, Item=shadow)
    spans, events = (
        "".join(f"{row}\n" for row in (head, *(text.format(each) for each in (sensor, other))))
        for head, text in (
            ("sensor,start,end,label", "{},2023-11-01,2023-12-01,1"),
            ("event_id,label", "{}-1,0"),
        )
    )
    for labels in (spans, events):
        (tmp_path / "labels.csv").write_text(labels)
        labelled = nrti("label", str(tmp_path / "labels.csv"))
        assert labelled.returncode == 0, labelled.stderr
    traffic = str(tmp_path / "traffic.ledger")
    asked = nrti("forget", "--sensor", sensor)
    assert "the deletion needs confirmation, and stdin is not a terminal: pass --yes" in asked.stderr
    assert (asked.returncode, len(deployed.items(sensor))) == (1, 4)
    with _traffic(traffic) as producing:
        early = _forgotten(nrti, "--sensor", sensor, "--before", "2024-01-01")
        assert (early["items"], early["dead_letter_events"]) == (1, 0)
        assert early["rows"] == {"labels": 1, "predictions_raw": 1}
        assert set(deployed.rows(sensor)) == {f"{sensor}-{number}" for number in (1, 2)}
        rest = _forgotten(nrti, "--sensor", sensor)
        assert producing.poll() is None, "events have to come in meanwhile"

    assert (rest["items"], rest["rows"]) == (3, {"labels": 1, "predictions_raw": 3})
    assert rest["dead_letter_events"] == 1
    assert (deployed.items(sensor), deployed.rows(sensor)) == ([], [])
    assert len(deployed.items(other)) == len(deployed.rows(other)) == 3
    counted = f"select count(truth) from outcomes where sensor = '{other}'"  # noqa: S608
    truths = nrti("query", counted, "--format", "csv")
    assert truths.stdout.split()[1] == "2"
    letters = _parked(deployed)
    assert {other} in letters
    assert not any(sensor in each for each in letters)
    for path, forgotten in ((str(ledger), 3), (traffic, 0)):
        verified = nrti("verify", "--ledger", path, "--format", "json")
        assert verified.returncode == 0, verified.stdout + verified.stderr
        assert json.loads(verified.stdout)["forgotten"] == forgotten
    again = _forgotten(nrti, "--sensor", sensor)
    assert (again["items"], again["rows"], again["objects"]) == (0, {}, 0)


def test_of_a_large_file_only_the_sensors_are_read(embedded: Target) -> None:
    s3 = embedded.client("s3")
    make_bucket(embedded, "large-files")
    sensors = pa.array([f"s{number % 3}" for number in range(30_000)])
    table = pa.table({"sensor": sensors, "noise": pa.array([uuid4().hex + uuid4().hex for _ in sensors])})
    sink = io.BytesIO()
    parquet.write_table(table, sink, row_group_size=10_000)
    s3.put_object(Bucket="large-files", Key="t/1", Body=sink.getvalue())
    sizes: list[int] = []
    s3.meta.events.register(
        "after-call.s3.GetObject", lambda parsed, **_: sizes.append(parsed["ContentLength"])
    )
    lake = LakeTable(embedded, RawTable("t", frozenset({"sensor"}), "s3://large-files/t/"))
    wanted = Wanted(Scope("s1", at=1))

    (part,) = lake.find(wanted)

    assert len(part.events) == 10_000
    assert sum(sizes) < len(sink.getvalue()) / 5
    assert lake.remove(part, wanted) == 10_000
    rest = parquet.read_table(io.BytesIO(s3.get_object(Bucket="large-files", Key="t/1")["Body"].read()))
    assert rest.equals(table.filter(pc.not_equal(table["sensor"], pa.scalar("s1"))))
    assert list(lake.find(wanted)) == []
    s3.delete_object(Bucket="large-files", Key="t/1")
    s3.delete_bucket(Bucket="large-files")


def test_a_sensor_of_which_only_dead_letters_are_stored_is_forgotten(
    deployed: Pipeline, nrti: Nrti, sensor: str
) -> None:
    deployed.send([{"sensor": sensor, "model": "none", "data": [1, 2, 3]}])
    eventually(lambda: _parked(deployed), lambda letters: {sensor} in letters)

    done = nrti("forget", "--sensor", sensor, "--yes")

    assert done.stdout.split()[-1] == "1"
    assert done.stderr.endswith("\nforgotten\n")
    assert {sensor} not in _parked(deployed)


def test_what_cannot_be_read_is_named_by_each_run_until_it_is_gone(
    deployed: Pipeline, nrti: Nrti, sensor: str
) -> None:
    deployed.send([{"sensor": sensor, "model": "none", "data": [1, 2, 3]}])
    eventually(lambda: _parked(deployed), lambda letters: {sensor} in letters)
    s3 = deployed.target.client("s3")
    there = {"Bucket": artifacts_bucket(deployed.target), "Key": "unparked/x"}
    s3.put_object(**there, Body=sensor.encode())

    first, again = (nrti("forget", "--sensor", sensor, "--yes") for _ in range(2))
    s3.delete_object(**there)
    last = nrti("forget", "--sensor", sensor, "--yes")

    for done in (first, again):
        assert done.returncode == 1
        error = done.stderr.splitlines()[-1]
        assert error.startswith("nrti: 1 kept request cannot be moved into the queue: unparked/x: ")
    assert (bool(first.stdout), again.stdout) == (True, "")
    assert last.returncode == 0, last.stderr
    assert last.stderr.endswith("\nnothing more to forget\n")


def test_what_is_wrong_is_one_line(deployed: Pipeline, nrti: Nrti, sensor: str) -> None:  # noqa: ARG001
    for options, code, said in (
        (("--sensor", sensor, "--yes"), 1, f"nothing is stored for sensor '{sensor}'"),
        (("--sensor", sensor, "--before", "2200-01-01"), 2, "--before is in the future"),
        (("--sensor", sensor, "--before", "soon"), 2, "'soon' is not a time"),
        (("--sensor", "a\nb"), 2, "cannot be a sensor"),
    ):
        done = nrti("forget", *options)

        assert (done.returncode, done.stdout) == (code, ""), done.stderr
        assert said in done.stderr
        assert "Traceback" not in done.stderr

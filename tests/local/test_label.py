# ruff: noqa: S608 (the tests' SQL)
"""Labels on the embedded AWS: by files, by options and by POST /labels, and what becomes of predictions."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from nrti_cli.aws.apigateway import api_key
from nrti_cli.aws.target import Target
from nrti_cli.labels.lake import Lake
from nrti_cli.stack.outputs import outputs
from tests.local.conftest import Nrti
from tests.local.deployed import Pipeline
from tests.waiting import eventually

NOW = datetime.now(UTC).replace(microsecond=0)


def at(second: int) -> str:
    return (NOW + timedelta(seconds=second)).isoformat()


def epoch(second: int) -> int:
    return int(NOW.timestamp() + second) * 1000


@pytest.fixture
def client(pipeline: Target) -> Pipeline:
    stack = outputs(pipeline)
    return Pipeline(pipeline, stack, api_key(pipeline, stack.api_key_id))


@pytest.fixture
def predicted(pipeline: Target, sensor: str) -> str:
    """A sensor with ten predictions in the lake, one a second from now on; their ids begin with its name."""
    times = pa.array([NOW.replace(tzinfo=None) + timedelta(seconds=n) for n in range(10)], pa.timestamp("ms"))
    table = pa.table(
        {
            "event_id": [f"{sensor}-{number}" for number in range(10)],
            "sensor": [sensor] * 10,
            "model": ["m"] * 10,
            "event_time": times,
            "prediction": pa.array([0] * 10, pa.int32()),
            "predicted_time": times,
        }
    )
    file = io.BytesIO()
    parquet.write_table(table, file)
    key = f"predictions/day={datetime.now(UTC):%Y-%m-%d}/{sensor}.parquet"
    pipeline.client("s3").put_object(Bucket=outputs(pipeline).lake_bucket, Key=key, Body=file.getvalue())
    return sensor


def truths(target: Target, sensor: str) -> str:
    """The truth of each prediction of a sensor, in order; a dot if it is not known."""
    sql = f"select truth from outcomes where sensor = '{sensor}' order by event_time"
    found = Lake(target, outputs(target)).rows(sql)["truth"].to_pylist()
    return "".join("." if truth is None else str(truth) for truth in found)


def recorded(target: Target, sensor: str) -> int:
    sql = f"select count(*) n from labels where sensor = '{sensor}'"
    (count,) = Lake(target, outputs(target)).rows(sql)["n"].to_pylist()
    return int(count or 0)


def labelled(nrti: Nrti, *arguments: str) -> dict[str, Any]:
    done = nrti("label", *arguments, "--format", "json")
    assert done.returncode == 0, done.stderr
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def test_a_maintenance_log_is_recorded_once_and_corrected(
    nrti: Nrti, pipeline: Target, predicted: str, tmp_path: Path
) -> None:
    log, other = tmp_path / "log.csv", f"{predicted}-other"
    log.write_text(
        "sensor;start;end;label\n"
        f"{predicted};{at(2)};{at(4)};yes\n{predicted};{at(7)};{at(7)};no\n{other};{at(0)};{at(9)};yes\n"
    )

    first = labelled(nrti, str(log))
    again = labelled(nrti, str(log))

    assert [first[name] for name in ("recorded", "matched", "unmatched", "unknown_sensors")] == [3, 2, 1, 1]
    assert [again[name] for name in ("recorded", "already_recorded", "object")] == [0, 3, None]
    assert truths(pipeline, predicted) == "..111..0.."
    assert recorded(pipeline, predicted) == 2

    labelled(nrti, "--sensor", predicted, "--from", at(3), "--to", at(5), "--label", "0")
    labelled(nrti, "--event", f"{predicted}-7", "--label", "1")

    assert truths(pipeline, predicted) == "..1000.1.."

    corrected = labelled(nrti, str(log))

    assert [corrected["recorded"], corrected["already_recorded"]] == [1, 2]
    assert truths(pipeline, predicted) == "..1110.1.."


def test_a_wrong_row_leaves_everything_as_it_was(
    nrti: Nrti, pipeline: Target, predicted: str, tmp_path: Path
) -> None:
    (tmp_path / "log.csv").write_text(
        f"sensor,start,end,label\n{predicted},{at(2)},{at(4)},1\n{predicted},{at(5)},{at(4)},1\n"
    )

    done = nrti("label", "log.csv", cwd=tmp_path)

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.splitlines()[1:] == [
        "nrti: log.csv, line 3: the interval ends before it starts: correct the file"
    ]
    assert recorded(pipeline, predicted) == 0


def test_a_table_says_what_was_done(nrti: Nrti, pipeline: Target, predicted: str, tmp_path: Path) -> None:
    (tmp_path / "l.csv").write_text(f"event_id,label\n{predicted}-1,true\n{predicted}-1,false\nnever,true\n")

    done = nrti("label", "l.csv", cwd=tmp_path)

    assert done.returncode == 0, done.stderr
    assert [line.split()[:2] for line in done.stdout.splitlines()] == [
        ["recorded", "2"],
        ["repeated", "1"],
        ["matched", "1"],
        ["unmatched", "1"],
    ]
    assert "true is a failure, false is none" in done.stdout
    assert truths(pipeline, predicted) == ".0........"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--event", "e"), "there is no label"),
        (("--event", "e", "--label", "2"), "'2' is not a label: write 1 for a failure, or 0"),
        (("l.csv", "--event", "e"), "--event is for a single label"),
        (("--group", "machine", "--event", "e", "--label", "1"), "--group applies to a data file"),
        (("l.csv", "--label", "1", "--positive", "bad"), "--label is for a file without labels"),
    ],
)
def test_a_wrong_command_line(
    nrti: Nrti,
    pipeline: Target,  # noqa: ARG001 (the target that is addressed)
    arguments: tuple[str, ...],
    message: str,
) -> None:
    done = nrti("label", *arguments)

    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr.splitlines()[-1]


def test_posted_labels_come_to_the_outcomes(pipeline: Target, client: Pipeline, predicted: str) -> None:
    span = {"sensor": predicted, "start": epoch(1), "end": epoch(3), "label": 1}
    time = {"sensor": predicted, "timestamp": epoch(2), "label": 0}

    status, answer = client.post([span, time, {"event_id": f"{predicted}-9", "label": 1}], "/labels")

    assert (status, list(answer)) == (202, ["request_id"])
    eventually(lambda: truths(pipeline, predicted), lambda found: found == ".101.....1")


def test_wrong_labels_become_dead_letters(
    pipeline: Target, client: Pipeline, predicted: str, nrti: Nrti
) -> None:
    late = {"sensor": predicted, "start": epoch(3), "end": epoch(1), "label": 1}
    status, answer = client.post([late, {"event_id": f"{predicted}-0", "label": 1}], "/labels")
    assert status == 202

    eventually(lambda: truths(pipeline, predicted), lambda found: found == "1.........")
    shown = eventually(lambda: nrti("redrive", "--dry-run").stdout, lambda text: "InvalidLabel" in text)
    redriven = nrti("redrive", "--reason", "InvalidLabel", "--format", "json")

    assert "end is before start" in shown
    assert redriven.returncode == 1
    assert "wrong events and labels stay wrong: take them out with --drop FILE" in redriven.stderr
    assert [line["outcome"] for line in json.loads(redriven.stdout)["lines"]] == ["failing"]
    eventually(lambda: client.receive() and answer["request_id"] in client.letters)
    assert [letter["labels"] for letter in client.letters[answer["request_id"]]] == [[late]]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"event_id": "e"}, "label"),
        ({"event_id": "e", "label": 2}, "label"),
        ([], "at least 1 item"),
        ({"sensor": "", "timestamp": 1, "label": 1}, "sensor"),
        ({"sensor": "s", "timestamp": "now", "label": 1}, "timestamp"),
        ({"event_id": "e", "label": 1, "data": [1]}, "data"),
    ],
)
def test_the_api_refuses_what_is_no_label(client: Pipeline, body: object, message: str) -> None:
    status, answer = client.post(body, "/labels")

    assert status == 400
    assert answer["message"].startswith("Invalid request body")
    assert message in answer["message"]

"""A file of a plant goes through training, sending, the lake and back, and arrives as it was trained."""

from __future__ import annotations

import csv
import io
import json
import shlex
from pathlib import Path

import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from tests.documents import ROOT, commands, section
from tests.local.conftest import Nrti
from tests.raw_files import two_channels
from tests.waiting import eventually

README = ROOT / "README.md"
ROWS = 400


@pytest.fixture(scope="module")
def awkward(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Values in columns called sensor and event, of which one is far above the others in a failure."""
    random = np.random.default_rng(5)
    values, failures = random.normal(size=(ROWS, 3)), random.random(ROWS) < 0.2
    values[failures, 1] += 40
    rows = zip(*values.round(3).T, failures.astype(int), strict=True)
    path = tmp_path_factory.mktemp("own") / "awkward.csv"
    path.write_text("sensor,event,c,failed\n" + "".join(f"{a},{b},{c},{label}\n" for a, b, c, label in rows))
    return path


def _predictions(stdout: str) -> list[int]:
    return [json.loads(line)["prediction"] for line in stdout.splitlines()]


@pytest.mark.usefixtures("pipeline")
def test_a_file_that_was_trained_on_arrives_as_it_was_trained(nrti: Nrti, awkward: Path) -> None:
    trained = nrti(
        "train",
        "--name",
        "awkward",
        "--data",
        str(awkward),
        "--label",
        "failed",
        "--features",
        "c,event,sensor",
    )
    assert trained.returncode == 0, trained.stderr
    *_, truth = zip(*(line.split(",") for line in awkward.read_text().splitlines()[1:]), strict=True)
    sent = nrti(
        "produce", "--model", "awkward", "--input", str(awkward), "--rate", "2000", "--batch", "25", "--wait"
    )

    assert sent.returncode == 0, sent.stderr
    found = _predictions(sent.stdout)
    assert len(found) == ROWS
    # Requests are answered in any order.
    assert sum(found) == sum(map(int, truth))


def _commands() -> list[list[str]]:
    (block,) = section(README, "Your own data")
    return [shlex.split(line)[1:] for line in commands(block.text)]


@pytest.mark.usefixtures("pipeline")
def test_the_block_of_the_readme_takes_two_channels_with_a_gap_to_the_lake_and_back(
    nrti: Nrti, tmp_path: Path
) -> None:
    two_channels(tmp_path)
    train, produce, query = _commands()

    for command in (train, produce, produce):  # what is sent again is stored once
        done = nrti(*command, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
    assert "630 windows of 30 rows, one every 3; none spans the 2 gaps of more than 3.0 s" in done.stderr
    _, *counts = eventually(
        lambda: list(csv.reader(io.StringIO(nrti(*query, "--format", "csv").stdout))),
        lambda lines: [line[1] for line in lines[1:]] == ["315", "315"],
    )
    every = "select data, channels, prediction from predictions where model = 'pumps' order by event_id"
    stored = nrti("query", every, "--format", "json")
    assert stored.returncode == 0, stored.stderr
    rows = [json.loads(line) for line in stored.stdout.splitlines()]
    assert np.array_equal(np.array([row["data"] for row in rows]), _windows(tmp_path / "pumps.csv"))
    assert {row["channels"] for row in rows} == {2}
    assert sum(int(line[2]) for line in counts) == sum(row["prediction"] for row in rows) > 0


def _windows(file: Path) -> NDArray[np.float64]:
    """By numpy: of each pump those before and after the hour without rows."""
    rows = [line.split(";") for line in file.read_text().splitlines()[1:]]
    parts = []
    for pump in ("north", "south"):
        values = np.array([row[2:4] for row in rows if row[1] == pump], dtype=float)
        parts += [sliding_window_view(run, 30, axis=0)[::3] for run in (values[:600], values[600:])]
    return np.concatenate(parts).transpose(0, 2, 1).reshape(-1, 60)


@pytest.mark.usefixtures("pipeline")
def test_a_file_that_lacks_what_the_model_takes_is_refused(nrti: Nrti, model: str, tmp_path: Path) -> None:
    (tmp_path / "bare.csv").write_text("10,95,12\n20,20,20\n")

    refused = nrti("produce", "--model", model, "--input", str(tmp_path / "bare.csv"))
    sent = nrti(
        "produce", "--model", model, "--input", str(tmp_path / "bare.csv"), "--no-header", "--rate", "99"
    )

    assert refused.returncode == 1
    assert "line 1: it has values instead of names" in refused.stderr
    assert "2 sent, 2 accepted" in sent.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("train", "--name", "x", "--window", "3"), "--window applies to a data file: name"),
        (
            ("train", "--name", "x", "--data", "x.csv", "--hop", "3"),
            "--hop applies to windows: add --window N",
        ),
        (("train", "--attach", "job", "--no-header"), "--no-header applies to a new job"),
        (("produce", "--missing", "drop"), "--missing applies to a data file: name the file with --input"),
        (("produce", "--input", "x.csv", "--separator", "ab"), "'ab' is not a separator"),
        (("train", "--name", "x", "--data", "x.csv", "--exclude", "a,,b"), "'a,,b' has an empty name"),
    ],
)
@pytest.mark.usefixtures("pipeline")
def test_options_that_make_no_sense_together(nrti: Nrti, arguments: tuple[str, ...], said: str) -> None:
    done = nrti(*arguments)

    assert done.returncode == 2
    assert said in " ".join(done.stderr.split())

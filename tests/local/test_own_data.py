"""A file of a plant goes through training, sending, the lake and back, and arrives as it was trained."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tests.local.conftest import Nrti

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
    permuted = awkward.with_name("permuted.csv")
    permuted.write_text(
        "failed;c;spare;event;sensor\n"
        + "".join(
            ";".join([label, c, "7", b, a]) + "\n"
            for a, b, c, label in (line.split(",") for line in awkward.read_text().splitlines()[1:])
        )
    )
    for file, said in (
        (awkward, "400 events"),
        (permuted, "left out 'spare', which the model does not take"),
    ):
        sent = nrti(
            "produce", "--model", "awkward", "--input", str(file), "--rate", "2000", "--batch", "25", "--wait"
        )

        assert sent.returncode == 0, sent.stderr
        assert said in sent.stderr
        found, expected = _predictions(sent.stdout), list(map(int, truth))
        assert len(found) == ROWS
        # Requests are answered in any order.
        assert sum(found) == sum(expected)


@pytest.mark.usefixtures("pipeline")
def test_a_file_that_lacks_what_the_model_takes_is_refused(nrti: Nrti, model: str, tmp_path: Path) -> None:
    (tmp_path / "bare.csv").write_text("10,95,12\n20,20,20\n")

    refused = nrti("produce", "--model", model, "--input", str(tmp_path / "bare.csv"))
    sent = nrti(
        "produce", "--model", model, "--input", str(tmp_path / "bare.csv"), "--no-header", "--rate", "99"
    )

    assert refused.returncode == 1
    assert "line 1: it has values and no names" in refused.stderr
    assert "2 sent, 2 accepted" in sent.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("train", "--name", "x", "--window", "3"), "--window is about a data file: name"),
        (("train", "--name", "x", "--data", "x.csv", "--hop", "3"), "--hop is about windows: add --window N"),
        (("train", "--attach", "job", "--no-header"), "--no-header is about a new job"),
        (("produce", "--missing", "drop"), "--missing is about a data file: name the file with --input"),
        (("produce", "--input", "x.csv", "--separator", "ab"), "'ab' is no separator"),
        (("train", "--name", "x", "--data", "x.csv", "--exclude", "a,,b"), "'a,,b' has an empty name"),
    ],
)
@pytest.mark.usefixtures("pipeline")
def test_options_that_make_no_sense_together(nrti: Nrti, arguments: tuple[str, ...], said: str) -> None:
    done = nrti(*arguments)

    assert done.returncode == 2
    assert said in " ".join(done.stderr.split())

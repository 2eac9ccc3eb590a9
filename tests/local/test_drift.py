"""`nrti drift` on the lake of the embedded AWS."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from nrti_cli.aws.s3.objects import S3
from nrti_cli.aws.target import Target
from nrti_cli.drift.lake import Lake
from nrti_cli.models.documents import References
from nrti_cli.models.endpoint import find
from nrti_cli.models.naming import published_at
from nrti_cli.models.training.dataset import demo
from nrti_cli.remote.alerts_function.counting import Chosen, Period
from nrti_cli.remote.alerts_function.drift import count
from nrti_cli.stack.names import artifacts_bucket
from tests.local import lake_rows
from tests.local.conftest import Nrti

MODEL = "watched"
NOW = datetime.now(UTC)
SENSORS = [f"robot-{number % 5}" for number in range(1_500)]


@pytest.fixture(scope="module")
def version(pipeline: Target, model: str, nrti: Nrti) -> str:
    """The version of a model of its own, with the artifact of the common one."""
    published = json.loads(nrti("models", "--format", "json").stdout)
    (job,) = {each["source"] for each in published if each["name"] == model}
    artifact = re.search(r"s3://\S+", nrti("deploy-model", "--name", MODEL, "--job", job).stderr)
    assert artifact
    done = nrti("deploy-model", "--name", MODEL, "--artifact", artifact[0])
    assert done.returncode == 0, done.stderr
    return find(pipeline, MODEL).config[-17:]


@pytest.fixture(scope="module")
def probabilities(pipeline: Target, version: str) -> list[float]:
    """Probabilities as in the model's reference."""
    _, column, *_ = References(pipeline, MODEL).stored(f"nrti-{MODEL}-{version}")["columns"]
    bins = np.repeat(np.arange(len(column["counts"])), column["counts"])
    chosen = np.random.default_rng(0).choice(bins, len(SENSORS))
    return [column["edges"][number - 1] for number in chosen.tolist()]


def sent(
    target: Target,
    version: str,
    since: datetime,
    probabilities: Sequence[float],
    seed: int,
    shift: float = 0,
    sensors: Sequence[str] = SENSORS,
) -> None:
    """Puts events like those of the demo into the lake, a millisecond apart."""
    dataset = demo(len(sensors), seed)
    rows = dataset.values + np.array([0, shift, 0])
    times = [since + timedelta(milliseconds=number) for number in range(len(rows))]
    used, failing = probabilities[: len(rows)], dataset.labels.astype(bool).tolist()
    lake_rows.put(target, MODEL, version, times, rows.tolist(), used, failing, sensors)


@pytest.fixture(scope="module")
def undisturbed(pipeline: Target, version: str, probabilities: list[float]) -> None:
    """Events from three hours ago, of five sensors."""
    sent(pipeline, version, NOW - timedelta(hours=3), probabilities, seed=1)


@pytest.fixture(scope="module")
def disturbed(
    pipeline: Target,
    version: str,
    probabilities: list[float],
    undisturbed: None,  # noqa: ARG001 (they were before)
) -> None:
    """And those from half an hour ago, of one sensor; the second value is higher by a standard deviation."""
    since, sensors = NOW - timedelta(minutes=30), ["robot-0"] * 1_200
    sent(pipeline, version, since, probabilities, seed=2, shift=29, sensors=sensors)


def report(nrti: Nrti, *options: str) -> Any:
    """The report; the exit code is 1 if anything was found, and other tests may have left dead letters."""
    done = nrti("drift", "--model", MODEL, "--format", "json", *options)
    found = json.loads(done.stdout)
    letters = found["dead_letters"]["letters"] > 0.05 * found["dead_letters"]["requests"]
    problems = {
        "drift": found["state"] == "drift",
        "silent sensors": found["silent"],
        "dead letters": letters,
    }
    assert found["problems"] == [name for name, is_found in problems.items() if is_found], done.stderr
    assert done.returncode == int(bool(found["problems"]))
    return found


@pytest.mark.usefixtures("undisturbed")
def test_events_like_those_of_the_training_are_no_drift(nrti: Nrti) -> None:
    found = report(nrti)

    assert (found["state"], found["events"], found["baseline"]) == ("stable", 1_500, "training")
    assert report(nrti, "--since", "1h")["state"] == "too_few_events"


@pytest.mark.usefixtures("disturbed")
def test_a_shift_is_found_and_exits_with_1(version: str, nrti: Nrti) -> None:
    found = report(nrti, "--since", "1h")

    assert found["state"] == "drift"
    (worst,) = [each for each in found["findings"] if each["reasons"]]
    assert (worst["name"], worst["events"], worst["reasons"]) == ("b", 1_200, ["shifted", "above"])
    shown = nrti("drift", "--model", MODEL, "--since", "1h")
    assert shown.returncode == 1
    assert re.match(rf"drift(, [a-z ]+)*: {MODEL} {version}, compared to training\n1,200 ", shown.stdout)


@pytest.mark.usefixtures("disturbed")
def test_a_sensor_that_has_stopped_is_named(nrti: Nrti) -> None:
    """In the period before, all five sent; in this one, the first alone."""
    since = f"{NOW - timedelta(hours=2):%Y-%m-%dT%H:%M:%S}"

    found = report(nrti, "--since", since)

    assert found["silent"] == ["robot-1", "robot-2", "robot-3", "robot-4"]


@pytest.mark.usefixtures("disturbed")
def test_a_period_is_a_baseline(nrti: Nrti) -> None:
    past = f"{NOW - timedelta(hours=4):%Y-%m-%dT%H:%M}..{NOW - timedelta(hours=2):%Y-%m-%dT%H:%M}"

    found = report(nrti, "--since", "1h", "--baseline", past)

    assert [each["name"] for each in found["findings"]] == ["prediction", "probability", *VALUES]
    assert "shifted" in found["findings"][3]["reasons"]
    nothing = nrti("drift", "--model", MODEL, "--baseline", "2026-02-01..2026-02-02")
    assert (nothing.returncode, nothing.stdout) == (1, "")
    assert "the model has no predictions from 2026-02-01 00:00 to 2026-02-02 00:00" in nothing.stderr


VALUES = ["value 1", "value 2", "value 3"]


def test_without_a_reference_the_first_events_are_kept_as_one(
    pipeline: Target, version: str, probabilities: list[float], nrti: Nrti
) -> None:
    s3, bucket, key = S3(pipeline), artifacts_bucket(pipeline), f"references/nrti-{MODEL}/{version}.json"
    s3.delete(bucket, [key])
    # The events seem to be from before the publication, so none of them is this version's first.
    assert report(nrti)["awaited"] == 1_000

    sent(pipeline, version, published_at(version), probabilities, seed=4)
    found = report(nrti, "--since", "1h")

    assert found["baseline"].startswith("the first 1,000 events, ")
    assert found["since"] > NOW.isoformat()
    assert s3.object_exists(bucket, key)
    assert (found["state"], found["events"]) == ("stable", 500)
    assert report(nrti, "--since", "1h")["baseline"] == found["baseline"]


@pytest.mark.usefixtures("undisturbed")
def test_athena_counts_as_the_function_of_the_alerts(
    pipeline: Target, version: str, probabilities: list[float]
) -> None:
    dataset = demo(1_500, seed=1)
    columns = [
        {"name": "prediction", "edges": [1.0], "counts": [0, 0]},
        {"name": "probability", "edges": [0.001, 0.5], "counts": [0, 0, 0]},
        {"name": "a", "edges": [0.0, 10.0, 50.5, 99.0], "counts": [0] * 5},
        {"name": "b", "edges": [], "counts": [0]},
        {"name": "c", "edges": [-1e-7, 1e38], "counts": [0] * 3},
        {"name": "d", "edges": [5.0], "counts": [0] * 2},
    ]
    period = Period(NOW - timedelta(hours=3.5), NOW - timedelta(hours=1.5))

    found = Lake(pipeline, Chosen(MODEL, version)).count(columns, period, 2)

    outputs = zip(dataset.labels.tolist(), probabilities, dataset.values.tolist(), strict=True)
    given = [[float(prediction), probability, *row] for prediction, probability, row in outputs]
    expected = list(count({"columns": columns}, given))
    expected[3] = {"counts": [0], "missing": 1_500}  # nothing to count it by
    assert found.of(1) == expected
    assert found.of(2)[0] == {"counts": [0, 0], "missing": 0}
    assert found.sensors == {sensor: [0, 300] for sensor in set(SENSORS)}


@pytest.mark.usefixtures("version")
def test_what_goes_with_the_model(pipeline: Target, nrti: Nrti) -> None:
    assert nrti("models", "delete", MODEL, "--yes").returncode == 0

    assert not list(S3(pipeline).keys(artifacts_bucket(pipeline), f"references/nrti-{MODEL}/"))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--baseline", "yesterday"), "--baseline 'yesterday' is not a period"),
        (("--baseline", "1h..2h"), "the end is not after the beginning"),
        (("--baseline", "1h..x"), "'x' is not a time"),
        (("--since", "2999-01-01"), "--since is in the future"),
    ],
)
def test_a_wrong_period_is_one_line(nrti: Nrti, options: tuple[str, ...], message: str) -> None:
    done = nrti("drift", *options)

    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr.splitlines()[-1]

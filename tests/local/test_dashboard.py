"""What `nrti dashboard` serves: the same figures as `nrti query`, to the browser that was admitted."""

from __future__ import annotations

import json
import math
import shlex
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from benchmarks.tail import put

from nrti_cli.aws.target import Target
from tests.local.conftest import Nrti
from tests.local.dashboards import FAILS, PASSES, Dashboard, running, send
from tests.local.own import Own
from tests.waiting import eventually

pytestmark = [pytest.mark.page, pytest.mark.usefixtures("model")]


@pytest.fixture(scope="module")
def dashboard(nrti: Nrti, nrti_home: Path) -> Iterator[Dashboard]:
    """One that runs while events come in."""
    send(nrti, name("before"), [PASSES, FAILS, FAILS])
    lake(nrti, "before", 3)
    with running(nrti_home) as found:
        found.follows()
        yield found


_RUN = uuid.uuid4().hex[:8]


def name(sensor: str) -> str:
    """The name of a sensor that only this run has."""
    return f"page-{_RUN}-{sensor}"


def query(nrti: Nrti, sql: str) -> list[dict[str, Any]]:
    done = nrti("query", sql, "--format", "json")
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def lake(nrti: Nrti, sensor: str, count: int) -> list[dict[str, Any]]:
    """The rows of a sensor, once there are so many."""
    sql = f"select * from predictions where sensor = '{name(sensor)}'"  # noqa: S608 (our own name)
    return eventually(lambda: query(nrti, sql), lambda rows: len(rows) == count)


def ids(data: dict[str, Any]) -> set[str]:
    return {failure["event_id"] for failure in data["failures"]}


def counted(data: dict[str, Any]) -> list[dict[str, Any]]:
    return [bucket for bucket in data["buckets"] if bucket["count"]]


def seen(dashboard: Dashboard, count: int, **chosen: object) -> dict[str, Any]:
    """All that the page is sent, once it has so many predictions."""
    wanted = {"period": 900} | chosen

    def ask() -> dict[str, Any]:
        found: dict[str, Any] = dashboard.get("/changes", **wanted)
        return found

    return eventually(ask, lambda data: sum(bucket["count"] for bucket in data["buckets"]) == count)


def test_what_was_predicted_before_and_after_it_was_opened_is_counted_once(
    dashboard: Dashboard, nrti: Nrti
) -> None:
    send(nrti, name("before"), [FAILS, PASSES])
    send(nrti, name("after"), [FAILS] * 3 + [PASSES] * 4)

    for sensor, count, failures in (("before", 5, 3), ("after", 7, 3)):
        data = seen(dashboard, count, sensor=name(sensor))
        assert sum(bucket["failures"] for bucket in data["buckets"]) == failures
    rows = lake(nrti, "before", 5)
    assert sum(row["prediction"] for row in rows) == 3


def test_each_figure_is_that_of_a_query(dashboard: Dashboard, nrti: Nrti) -> None:
    send(nrti, name("figures"), [FAILS] * 5 + [PASSES] * 20)
    data = seen(dashboard, 25, sensor=name("figures"), period=300)
    rows = lake(nrti, "figures", 25)

    by_bucket: dict[int, list[dict[str, Any]]] = {}
    for row in rows:
        predicted = datetime.fromisoformat(row["predicted_time"]).replace(tzinfo=UTC)
        second = int(predicted.timestamp())
        by_bucket.setdefault(second // 5 * 5, []).append(row)
    chosen = counted(data)
    assert {bucket["at"] for bucket in chosen} == set(by_bucket)
    for bucket in chosen:
        found = by_bucket[bucket["at"]]
        assert bucket["count"] == len(found)
        assert bucket["failures"] == sum(row["prediction"] for row in found)
        assert bucket["sensors"] == ({name("figures"): bucket["failures"]} if bucket["failures"] else {})
        assert bucket["models"] == [["failure-v1", found[0]["version"], len(found), bucket["failures"], 1]]
        bins = [min(int(row["probability"] * 20), 19) + 20 * row["prediction"] for row in found]
        assert {int(place): count for place, count in bucket["probability"].items()} == {
            place: bins.count(place) for place in bins
        }
        assert sum(bucket["latency"].values()) == len(found)


def test_a_second_page_reads_from_the_lake_what_the_first_saw_come_in(
    dashboard: Dashboard, nrti: Nrti, nrti_home: Path
) -> None:
    send(nrti, name("twice"), [FAILS] * 2 + [PASSES] * 8)
    live = seen(dashboard, 10, sensor=name("twice"))
    lake(nrti, "twice", 10)

    with running(nrti_home) as second:
        seen(second, 10, sensor=name("twice"))
        history = eventually(
            lambda: second.get("/changes", period=900, sensor=name("twice")), lambda data: data["failures"]
        )

    assert counted(history) == counted(live)
    # Two that were predicted in the same millisecond have no order.
    assert ids(history) == ids(live)
    assert [each["data"] for each in history["failures"]] == [FAILS] * 2


def test_a_sensor_and_a_prediction_are_looked_up(dashboard: Dashboard, nrti: Nrti) -> None:
    send(nrti, name("open"), [FAILS, PASSES])
    data = seen(dashboard, 2, sensor=name("open"))

    sensor = dashboard.get("/sensor", name=name("open"))
    (failure,) = data["failures"]
    found = dashboard.get("/prediction", sensor=failure["sensor"], key=failure["key"])

    assert sorted(each["data"] for each in sensor["predictions"]) == sorted([FAILS, PASSES])
    assert sum(count for _, _, count, _ in sensor["models"]) == 2
    assert all(0 < threshold < 1 for _, _, _, threshold in sensor["models"])
    assert found["event"]["data"] == FAILS
    assert found["prediction"]["probability"] == pytest.approx(failure["probability"])
    lake(nrti, "open", 2)
    again = nrti(*shlex.split(found["command"])[1:], "--format", "json")
    assert json.loads(again.stdout)["event_id"] == failure["event_id"]


def test_the_quality_is_that_of_a_query(nrti: Nrti, nrti_home: Path, tmp_path: Path) -> None:
    send(nrti, name("quality"), [FAILS] * 4 + [PASSES] * 6)
    rows = sorted(lake(nrti, "quality", 10), key=lambda row: -row["prediction"])
    labels = tmp_path / "labels.csv"
    truth = [1, 1, 1, 0, 1, 0, 0, 0, 0]
    lines = (f"{row['event_id']},{label}\n" for row, label in zip(rows, truth, strict=False))
    labels.write_text("event_id,label\n" + "".join(lines))
    assert nrti("label", str(labels)).returncode == 0

    with running(nrti_home) as opened:
        found = eventually(
            lambda: opened.get("/production", period=900, sensor=name("quality")), lambda data: data["known"]
        )

    kinds = ("prediction = 1 and truth = 1", "prediction = 1 and truth = 0",
             "prediction = 0 and truth = 1", "prediction = 0 and truth = 0")  # fmt: skip
    counts = ", ".join(f"count_if({kind}) as kind_{number}" for number, kind in enumerate(kinds))
    sql = f"select {counts} from outcomes where sensor = '{name('quality')}'"  # noqa: S608 (our own name)
    (counted,) = query(nrti, sql)
    assert list(counted.values()) == [3, 1, 1, 4]
    assert [sum(bucket[place] for bucket in found["quality"]["buckets"]) for place in range(1, 5)] == [
        3,
        1,
        1,
        4,
    ]
    assert found["quality"]["models"] == [["failure-v1", rows[0]["version"], False, 3, 1, 1, 4]]


def test_what_another_program_put_into_the_table_is_left_out(
    dashboard: Dashboard, nrti: Nrti, nrti_home: Path, pipeline: Target
) -> None:
    sensor = name("foreign")
    now = str(time.time_ns() // 1_000_000)
    item: dict[str, Any] = {
        **{field: {"S": sensor} for field in ("sensor", "model", "endpoint")},
        **{field: {"N": now} for field in ("timestamp", "received_at", "predicted_at")},
        "data": {"L": [{"N": "3"}]},
    }
    for key, wrong in {"a": {"prediction": {"N": "-1"}}, "b": {"probability": {"N": "-0.2"}}}.items():
        identity = {"event_key": {"S": key}, "event_id": {"S": key}}
        foreign = {**item, **identity, "prediction": {"N": "1"}, **wrong}
        pipeline.client("dynamodb").put_item(TableName="nrti-predictions", Item=foreign)
    send(nrti, sensor, [FAILS])
    lake(nrti, "foreign", 3)

    assert len(seen(dashboard, 1, sensor=sensor)["failures"]) == 1
    assert len(dashboard.get("/sensor", name=sensor)["predictions"]) == 1
    with running(nrti_home) as second:
        assert seen(second, 1, sensor=sensor)["history"]["known"]


def test_a_browser_gets_what_changed_and_waits_when_nothing_did(dashboard: Dashboard, nrti: Nrti) -> None:
    send(nrti, name("news"), [PASSES])
    first = seen(dashboard, 1, sensor=name("news"))
    nothing = dashboard.get("/changes", period=900, sensor=name("news"), after=first["version"])
    send(nrti, name("news"), [PASSES])

    def changed() -> list[dict[str, Any]]:
        answer = dashboard.get("/changes", period=900, sensor=name("news"), after=first["version"])
        return [bucket for bucket in answer["buckets"] if bucket["count"]]

    assert not [bucket for bucket in nothing["buckets"] if bucket["at"] > first["now"] / 1000]
    assert eventually(changed)
    assert not nothing["whole"]
    assert first["whole"]


def test_stages_are_those_of_status(dashboard: Dashboard, nrti: Nrti) -> None:
    stages = eventually(lambda: dashboard.get("/changes", period=60)["stages"])
    status = json.loads(nrti("status", "--format", "json").stdout)

    assert [stage["name"] for stage in stages] == [stage["name"] for stage in status["stages"]]


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/", {}, 401),
        ("/changes?period=300", {}, 401),
        ("/main.js", {}, 401),
        ("/?token=wrong", {}, 401),
        ("/", {"Host": "evil.example"}, 403),
        ("/", {"Origin": "http://evil.example"}, 403),
    ],
)
def test_another_user_sees_nothing(
    dashboard: Dashboard, path: str, headers: dict[str, str], status: int
) -> None:
    answer = dashboard.ask(path, **headers)

    assert answer[0] == status
    assert answer[1]["content-security-policy"].startswith("default-src 'none'")
    assert b"<" not in answer[2]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/changes?period=7", 400),
        ("/changes", 400),
        ("/sensor", 400),
        ("/nothing.js", 404),
        ("/../app.py", 404),
        ("/uPlot.LICENSE.txt", 404),
        (f"/{'a' * 5000}.js", 404),
        ("/prediction?sensor=a&key=b", 404),
    ],
)  # fmt: skip
def test_what_is_wrong_is_refused(dashboard: Dashboard, path: str, status: int) -> None:
    answer = dashboard.ask(path, Cookie=dashboard.cookie)

    assert answer[0] == status
    assert len(answer[2].splitlines()) == 1


def test_ctrl_c_ends_it_with_browsers_still_waiting(nrti_home: Path) -> None:
    with running(nrti_home) as found:
        assert math.isfinite(found.get("/changes", period=60)["now"])

        assert found.interrupt() == 0
        assert "Traceback" not in found.errors.read_text()


# The embedded AWS stays as long as there is a stack; a new one has another address.
@pytest.mark.parametrize("stacks", [["nrti"], ["nrti", "other"]])
def test_it_goes_on_with_a_stack_that_was_deleted_and_deployed_again(own: Own, stacks: list[str]) -> None:
    own.home.mkdir(exist_ok=True)
    for stack in stacks:
        assert own.nrti("bootstrap", "--stack", stack).returncode == 0
    with running(own.home, "--stack", "nrti", env=own.environment) as opened:
        opened.follows()
        before = opened.get("/changes", period=60)["version"].partition(".")[0]

        for command in (["teardown", "--yes"], ["bootstrap"]):
            assert own.nrti(*command, "--stack", "nrti").returncode == 0

        def counted() -> int:
            put(own.target(), 1)
            data = opened.get("/changes", period=60)
            of_this = data["version"].partition(".")[0] != before and not data["live"]["problem"]
            return sum(bucket["count"] for bucket in data["buckets"]) if of_this else 0

        assert eventually(counted, seconds=90)


def test_a_period_that_the_page_does_not_have_is_refused(nrti: Nrti) -> None:
    done = nrti("dashboard", "--no-open", "--since", "8d")

    assert done.returncode != 0
    assert "7 days at most" in done.stderr.splitlines()[-1]


def test_a_port_that_is_taken_is_named(dashboard: Dashboard, nrti: Nrti) -> None:
    port = dashboard.origin.rpartition(":")[2]

    done = nrti("dashboard", "--no-open", "--port", port)

    assert done.returncode == 1
    assert f"port {port} cannot be used" in done.stderr.splitlines()[-1]

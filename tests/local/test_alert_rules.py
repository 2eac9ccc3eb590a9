"""Alerts from one end to the other: rules by the command line, the deployed function, a webhook on loopback.

The tests invoke the function as its schedule does, instead of waiting for minutes; tests/chaos waits.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from nrti_cli.alerts.book import RuleBook
from nrti_cli.alerts.registration import remove
from nrti_cli.aws.functions import call
from nrti_cli.aws.s3.objects import S3
from nrti_cli.aws.target import Target
from nrti_cli.stack.names import alerts_name, artifacts_bucket
from tests.local.conftest import Nrti
from tests.local.deployed import Pipeline, event
from tests.unit.remote.alerts.receivers import SECRET, Receiver
from tests.waiting import eventually


@pytest.fixture(autouse=True)
def no_rules_left(pipeline: Target) -> Iterator[None]:
    yield
    if rules := RuleBook(pipeline).rules():
        remove(pipeline, [rule.id for rule in rules])


def _evaluate(pipeline: Target) -> Any:
    """What the schedule does every minute."""
    return call(pipeline, alerts_name("nrti"), {})


def _add(nrti: Nrti, *options: str) -> str:
    done = nrti("alert", "add", *options)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def _predict(deployed: Pipeline, *events: dict[str, Any]) -> None:
    """Sends events and waits until they are stored."""
    status, _ = deployed.post(list(events), "/predictions")
    assert status == 200


def _texts(receiver: Receiver) -> list[str]:
    return [each["text"] for each in receiver.got]


def test_it_begins_with_one_message_and_ends_with_one(
    nrti: Nrti, deployed: Pipeline, receiver: Receiver, webhook: str, sensor: str
) -> None:
    rule = _add(
        nrti, "--failure-rate", ">50% in 1m", "--sensor", sensor, "--webhook", webhook, "--cooldown", "1s"
    )
    assert _evaluate(deployed.target)["active"] == []
    _predict(deployed, *[event(sensor, 10, 90, 10)] * 4)

    with ThreadPoolExecutor(4) as threads:  # as when a schedule fires more than once
        list(threads.map(lambda _: _evaluate(deployed.target), range(4)))
    _evaluate(deployed.target)

    title = f"stack nrti: failure rate >50% in 1m, {sensor}"
    begun = f"Alert of {title}: 100% failures in 1m, 4 of 4 events"
    assert _texts(receiver) == [begun]
    (shown,) = json.loads(nrti("alert", "list", "--format", "json").stdout)
    assert (shown["id"], shown["state"], shown["host"]) == (rule, "active", "127.0.0.1")
    assert shown["sent"]["webhook"]["answer"] == "200 OK"

    _predict(deployed, *[event(sensor, 10, 10, 10)] * 6)
    for _ in range(2):
        _evaluate(deployed.target)

    assert [text.partition(": after")[0] for text in _texts(receiver)] == [begun, f"Over, {title}"]
    assert _texts(receiver)[1].endswith("; now 40% failures in 1m, 4 of 10 events")


def test_nothing_shows_the_address(
    nrti: Nrti, pipeline: Target, receiver: Receiver, webhook: str, nrti_home: Path
) -> None:
    shown = []
    for command in (
        ["alert", "add", "--silence", "5m", "--sensor", "never", "--webhook", webhook],
        ["alert", "list", "--format", "json"],
        ["alert", "test"],
        ["logs", "alerts"],
        ["--traceback", "alert", "add", "--silence", "5m", "--webhook", receiver.address],
    ):
        done = nrti(*command)
        shown.append(done.stdout + done.stderr)
    receiver.statuses = [500]
    shown.append(nrti("alert", "test").stdout)
    Path(webhook).write_text(f"http://127.0.0.1:9/{SECRET}")
    shown.append(nrti("alert", "add", "--dead-letters", "--webhook", webhook).stderr)
    processes = subprocess.run(["ps", "-Aww", "-o", "args"], capture_output=True, text=True, check=True)
    shown.append(processes.stdout)
    stored = S3(pipeline).keys(artifacts_bucket(pipeline), "alerts/")
    written = [S3(pipeline).get(f"s3://{artifacts_bucket(pipeline)}/{key}").decode() for key in stored]
    log = (nrti_home / "local" / "server.log").read_text(errors="replace")

    assert receiver.paths
    assert receiver.paths[0].endswith(SECRET)
    assert "127.0.0.1" in shown[1]
    assert "the webhook at 127.0.0.1 is not reachable (ConnectionRefusedError)" in shown[-2]
    assert SECRET not in "".join([*shown, *written, log])


def test_a_rule_from_its_addition_to_its_removal(
    nrti: Nrti, pipeline: Target, receiver: Receiver, webhook: str
) -> None:
    scheduler, ssm = pipeline.client("scheduler"), pipeline.client("ssm")
    rule = _add(nrti, "--silence", "5m", "--sensor", "never", "--webhook", webhook)
    accepted = nrti("alert", "test", rule)
    again = _add(nrti, "--silence", "300", "--sensor", "never", "--cooldown", "1h")
    receiver.statuses = [403]
    refused = nrti("alert", "test")

    (known,) = RuleBook(pipeline).rules()
    (schedule,) = scheduler.list_schedules(GroupName="nrti-alerts")["Schedules"]
    assert (again, known.id, known.cooldown, known.host) == (rule, rule, 3600, "127.0.0.1")
    assert schedule["State"] == "ENABLED"
    assert (accepted.returncode, refused.returncode) == (0, 1)
    assert accepted.stdout == f"{rule}  webhook 127.0.0.1: 200 OK\n"
    assert refused.stdout == f"{rule}  webhook 127.0.0.1: 403 Forbidden\n"
    assert _texts(receiver) == ["Test message of stack nrti: silence 5m, never"] * 2

    assert nrti("alert", "remove", rule).returncode == 0

    assert scheduler.list_schedules(GroupName="nrti-alerts")["Schedules"] == []
    assert ssm.get_parameters_by_path(Path="/nrti/nrti/alerts", Recursive=True)["Parameters"] == []


def test_rules_over_all_sensors_and_the_stack(
    nrti: Nrti, deployed: Pipeline, receiver: Receiver, webhook: str, sensor: str
) -> None:
    conditions = ("--failure-rate", ">1% in 1h", "--silence", "5m", "--recall", "<0.8", "--drift")
    assert len(_add(nrti, *conditions, "--webhook", webhook).splitlines()) == 4
    _predict(deployed, event(sensor, 10, 90, 10))
    eventually(lambda: deployed.rows(sensor))

    found = _evaluate(deployed.target)

    assert found["problems"] == {}
    assert "failures in 1h" in _texts(receiver)[0]
    status = nrti("status")
    assert "alerts        warn    1 of 4 rules active: failure rate >1% in 1h, all sensors" in status.stdout


def test_wrong_input_is_one_line_and_adds_nothing(nrti: Nrti, pipeline: Target) -> None:
    for options, error in {
        (): "no condition was given",
        ("--silence", "5m", "--file", "x"): "--file has whole rules",
        ("--silence", "5m"): "the messages have nowhere to go",
        ("--file", "absent.toml"): "absent.toml",
        ("--silence", "5m", "--webhook", "absent"): "--webhook absent: No such file or directory",
    }.items():
        done = nrti("alert", "add", *options)

        assert (done.returncode != 0, done.stdout) == (True, "")
        assert error in done.stderr.splitlines()[-1]
        assert len(done.stderr.splitlines()) == 2
    assert pipeline.client("scheduler").list_schedules(GroupName="nrti-alerts")["Schedules"] == []

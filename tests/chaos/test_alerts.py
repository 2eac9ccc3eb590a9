"""Alerts while the embedded AWS is killed: no acknowledged rule is lost, and no message is sent twice."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from tests.chaos.system import MODEL, System
from tests.unit.remote.alerts.receivers import Receiver, receiving
from tests.waiting import eventually

pytestmark = pytest.mark.chaos
#: From an event to its message: a minute of the schedule, ten seconds of its clock, and the evaluation.
_PROMISED_SECONDS = 90


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as running:
        yield running


@pytest.fixture
def webhook(receiver: Receiver, tmp_path: Path) -> str:
    path = tmp_path / "webhook"
    path.write_text(receiver.address)
    return str(path)


def _add(system: System, webhook: str, *condition: str) -> str:
    return system.does("alert", "add", *condition, "--webhook", webhook).strip()


def _fail(system: System, sensor: str, count: int) -> None:
    for _ in range(count):
        system.does("predict", "--model", MODEL, "--sensor", sensor, "10,90,10")


def test_a_rule_its_secret_and_its_schedule_survive_a_kill_right_after_the_answer(
    system: System, receiver: Receiver, webhook: str
) -> None:
    rules = set()
    for minutes in range(5, 8):
        rules.add(_add(system, webhook, "--silence", f"{minutes}m", "--sensor", "robot-7"))
        system.crash()
        system.start()

    assert {rule["id"] for rule in json.loads(system.does("alert", "list", "--format", "json"))} == rules
    (schedule,) = system.client("scheduler").list_schedules(GroupName="nrti-alerts")["Schedules"]
    assert schedule["State"] == "ENABLED"
    system.does("alert", "test")
    assert len(receiver.got) == 3


def test_by_its_schedule_alone_a_message_arrives_in_time_and_once(
    system: System, receiver: Receiver, webhook: str, rng: Random
) -> None:
    _add(system, webhook, "--failure-rate", ">50% in 10m", "--sensor", "robot-7")
    _fail(system, "robot-7", 3)
    system.crash()
    system.start()
    eventually(lambda: receiver.got, seconds=_PROMISED_SECONDS)
    for _ in range(3):
        time.sleep(rng.uniform(5, 25))
        system.crash()
        system.start()
    eventually(
        lambda: json.loads(system.does("alert", "list", "--format", "json"))[0]["state"],
        lambda state: state == "active",
        seconds=_PROMISED_SECONDS,
    )

    assert len(receiver.got) == 1

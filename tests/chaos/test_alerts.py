"""Alerts while the embedded AWS is killed: no acknowledged rule is lost, and no message is sent twice."""

from __future__ import annotations

import json
import time
from random import Random
from typing import Any

import pytest

from tests.chaos.system import System
from tests.local.own import MODEL
from tests.unit.remote.alerts.receivers import Receiver
from tests.waiting import eventually

pytestmark = pytest.mark.chaos
#: From an event to its message: a minute of the schedule, ten seconds of its clock, and the evaluation.
_PROMISED_SECONDS = 90


def _add(system: System, webhook: str, *condition: str) -> str:
    return system.does("alert", "add", *condition, "--webhook", webhook).strip()


def _listed(system: System) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = json.loads(system.does("alert", "list", "--format", "json"))
    return listed


def _states(system: System) -> list[str]:
    return [rule["state"] for rule in _listed(system)]


def _fail(system: System, sensor: str, count: int) -> None:
    for _ in range(count):
        system.does("predict", "--model", MODEL, "--sensor", sensor, "10,90,10")


def test_no_acknowledged_rule_is_lost_and_no_message_comes_twice(
    system: System, receiver: Receiver, webhook: str, rng: Random
) -> None:
    rules = set()
    for hours in range(1, 4):
        rules.add(_add(system, webhook, "--silence", f"{hours}h", "--sensor", "never"))
        system.crash()  # right after the answer
        system.start()
    rules.add(_add(system, webhook, "--failure-rate", ">50% in 10m", "--sensor", "robot-7"))
    _fail(system, "robot-7", 3)
    system.crash()
    system.start()
    eventually(lambda: receiver.got, seconds=_PROMISED_SECONDS)  # by the schedule alone
    for _ in range(2):
        time.sleep(rng.uniform(2, 15))
        system.crash()
        system.start()
    eventually(lambda: _states(system)[-1], lambda state: state == "active", seconds=_PROMISED_SECONDS)

    assert {rule["id"] for rule in _listed(system)} == rules
    (schedule,) = system.client("scheduler").list_schedules(GroupName="nrti-alerts")["Schedules"]
    assert schedule["State"] == "ENABLED"
    (message,) = receiver.got
    assert "failure rate >50% in 10m, robot-7: 100% failures in 10m, 3 of 3 events" in message["text"]
    system.does("alert", "test")
    assert len(receiver.got) == 1 + len(rules)

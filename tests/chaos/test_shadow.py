"""A shadow that is killed, hangs or goes down with everything else: the events do not notice."""

from __future__ import annotations

import json
import signal
import time

import pytest

from nrti_cli.stack.outputs import outputs
from tests.chaos import processes
from tests.chaos.lake import latencies
from tests.chaos.load import Load
from tests.chaos.system import System
from tests.local.own import MODEL
from tests.waiting import eventually

pytestmark = pytest.mark.chaos

_SHADOW = "shadow-v1"
#: Seconds with and without trouble, and those of a span of which the latency is measured.
_PERIOD, _SPAN = 12, 2
#: What is noise on a machine that does other things: a factor, and milliseconds.
_FACTOR, _MILLISECONDS = 2, 10


def _shadow(system: System) -> str:
    """Gives the model a shadow; returns the directory of the shadow's server."""
    before = set(processes.model_directories(system.pid))
    system.does("train", "--name", _SHADOW, "--rows", "3000", "--seed", "7")
    system.does("deploy-model", "--name", _SHADOW, "--shadow-of", MODEL)
    (directory,) = set(processes.model_directories(system.pid)) - before
    return directory


def _shadows(system: System) -> set[tuple[str, str]]:
    """The keys of the shadow's predictions in the table."""
    pages = (
        system.client("dynamodb")
        .get_paginator("scan")
        .paginate(
            TableName=outputs(system.target()).table,
            FilterExpression="attribute_exists(shadow)",
            ProjectionExpression="sensor, event_key",
            ConsistentRead=True,
        )
    )
    return {(item["sensor"]["S"], item["event_key"]["S"]) for page in pages for item in page["Items"]}


def _undisturbed(latencies: list[float]) -> float:
    """The lower quartile: what other programs of the machine do only adds."""
    return sorted(latencies)[len(latencies) // 4]


@pytest.mark.parametrize("trouble", [signal.SIGKILL, signal.SIGSTOP], ids=["killed", "hanging"])
def test_a_shadow_in_trouble_costs_no_event_and_no_time(system: System, trouble: signal.Signals) -> None:
    directory = _shadow(system)
    load = Load.start(system)
    eventually(lambda: _shadows(system), seconds=30)
    begun = time.time()
    time.sleep(_PERIOD)
    troubled = time.time()
    while time.time() < troubled + _PERIOD:
        processes.signal_model(system.pid, directory, trouble)
        time.sleep(0.5)
    load.stop()

    account = load.verified()

    assert account["dead"] == 0, account
    found = latencies(system, _SPAN, begun)
    before = _undisturbed([each.p50 for each in found if each.since < troubled - _SPAN])
    meanwhile = _undisturbed([each.p50 for each in found if each.since >= troubled])
    print(f"p50 {before:.1f} ms before, {meanwhile:.1f} ms meanwhile")
    assert meanwhile <= _FACTOR * before + _MILLISECONDS
    processes.signal_model(system.pid, directory, signal.SIGKILL)  # a stopped one would outlive its server


def test_what_a_shadow_has_predicted_outlives_the_embedded_aws(system: System) -> None:
    _shadow(system)
    load = Load.start(system)
    eventually(lambda: _shadows(system), lambda found: len(found) > 100, seconds=30)
    stored = _shadows(system)
    system.crash()
    system.start()
    load.await_accepted(100)
    load.stop()

    account = load.verified()

    assert account["dead"] == 0, account
    eventually(lambda: stored - _shadows(system), lambda lost: not lost, seconds=30)
    rows = system.does("query", "select count(*) as n from predictions where shadow", "--format", "json")
    assert json.loads(rows)["n"] > 0

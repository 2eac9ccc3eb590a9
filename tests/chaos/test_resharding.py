"""The pipeline's stream gets more and fewer shards under load, also while the embedded AWS is killed."""

from __future__ import annotations

import pytest

from nrti_cli.stack.outputs import outputs
from tests.chaos.load import Load
from tests.chaos.system import System

pytestmark = pytest.mark.chaos


def test_no_event_is_lost_or_double_when_shards_split_and_merge(system: System) -> None:
    system.does("bootstrap", "--kinesis-mode", "PROVISIONED", "--kinesis-shards", "5")
    assert _open_shards(system) == 5
    load = Load.start(system)
    for count in (7, 4, 8):
        load.await_accepted(150)
        _reshard(system, count)
    system.crash()
    system.start()
    load.await_accepted(150)
    _reshard(system, 6)
    load.await_accepted(150)
    load.stop()

    account = load.verified()

    assert account["stored"] > 0
    assert _open_shards(system) == 6


def _reshard(system: System, count: int) -> None:
    target = system.target()
    target.client("kinesis").update_shard_count(
        StreamName=outputs(target).stream, TargetShardCount=count, ScalingType="UNIFORM_SCALING"
    )


def _open_shards(system: System) -> int:
    target = system.target()
    described = target.client("kinesis").describe_stream_summary(StreamName=outputs(target).stream)
    return int(described["StreamDescriptionSummary"]["OpenShardCount"])

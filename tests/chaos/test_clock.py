"""A laptop sleeps, or is off over a weekend: what was on its way to the lake still comes there."""

from __future__ import annotations

import os
import signal

import pytest

from nrti_cli.aws.s3.objects import S3
from nrti_cli.stack.outputs import outputs
from tests.chaos.load import Load
from tests.chaos.sleeping_server import CLOCK
from tests.chaos.system import System
from tests.waiting import eventually

pytestmark = pytest.mark.chaos

#: More than a Kinesis stream keeps a record.
_AHEAD = 25 * 3600


def _jump(system: System, seconds: int) -> None:
    (system.layout.root / CLOCK).write_text(str(seconds))


def test_what_was_on_its_way_when_the_clock_jumped_comes_to_the_lake(sleeping: System) -> None:
    sleeping.does("bootstrap", "--buffer-seconds", "10")  # long enough for much to be on its way
    load = Load.start(sleeping)
    load.await_accepted(600)
    _jump(sleeping, _AHEAD)
    os.kill(sleeping.pid, signal.SIGUSR1)  # it slept
    load.await_accepted(600)
    sleeping.crash()
    _jump(sleeping, 3 * _AHEAD)  # it was off
    sleeping.start()
    load.await_accepted(100)
    load.stop()

    account = load.verified()

    assert account["dead"] == 0, account


def test_what_has_expired_goes_even_if_the_server_is_killed_meanwhile(sleeping: System) -> None:
    sleeping.does("bootstrap", "--buffer-seconds", "1", "--retention-days", "2")
    load = Load.start(sleeping)
    load.await_accepted(1_000)
    load.stop()
    load.verified()
    stored = _stored(sleeping)
    assert stored >= 1_000
    # After a kill soon after a delivery, its records are delivered once more, and such a file is a new one.
    sleeping.does("local", "stop")
    sleeping.start()
    _jump(sleeping, 4 * 24 * 3600)
    os.kill(sleeping.pid, signal.SIGUSR1)
    eventually(lambda: _stored(sleeping), lambda left: left < stored, seconds=60)
    sleeping.crash()
    sleeping.start()

    eventually(lambda: (_stored(sleeping), _delivered(sleeping)), lambda left: left == (0, []), seconds=120)


def _stored(system: System) -> int:
    pages = (
        system.client("dynamodb").get_paginator("scan").paginate(TableName="nrti-predictions", Select="COUNT")
    )
    return sum(page["Count"] for page in pages)


def _delivered(system: System) -> list[str]:
    """The files of the lake, with those for what could not be delivered."""
    bucket = outputs(system.target()).lake_bucket
    return [key for prefix in ("predictions/", "errors/") for key in S3(system.target()).keys(bucket, prefix)]

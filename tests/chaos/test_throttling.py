"""DynamoDB and Kinesis refuse a share of the requests; what is refused comes round again."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from nrti_cli.stack.outputs import outputs
from tests.chaos.load import Load
from tests.chaos.system import System

pytestmark = pytest.mark.chaos


def test_throttled_writes_and_reads_come_round_again(throttled: System) -> None:
    load = Load.start(throttled)
    load.await_accepted(1500)
    load.stop()

    account = load.verified()

    assert account["stored"] > 0
    assert _refuses(throttled), "nothing was throttled: the run has shown nothing"


def _refuses(system: System) -> bool:
    """Whether Kinesis rejects one of many requests, without retries."""
    target = system.target()
    kinesis = target.client("kinesis", retries={"total_max_attempts": 1})
    for _ in range(100):
        try:
            kinesis.list_shards(StreamName=outputs(target).stream)
        except ClientError as error:
            return error.response["Error"]["Code"] == "ProvisionedThroughputExceededException"
    return False

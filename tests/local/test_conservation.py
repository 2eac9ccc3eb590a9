"""What goes in comes out: as many items, rows and distinct ids as events were sent, and no dead letter."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from nrti_cli.aws.target import Target
from nrti_cli.stack.outputs import outputs
from tests.local.conftest import Nrti
from tests.waiting import eventually

COUNT = 1000


def _items(target: Target) -> set[tuple[str, str]]:
    pages = (
        target.client("dynamodb")
        .get_paginator("scan")
        .paginate(TableName=outputs(target).table, ProjectionExpression="sensor, event_id")
    )
    return {(item["sensor"]["S"], item["event_id"]["S"]) for page in pages for item in page["Items"]}


def _lake(nrti: Nrti, since: datetime) -> tuple[int, int]:
    """Rows and distinct ids of what came since then: earlier events of other tests may yet be delivered."""
    counts = "select count(*), count(distinct event_id) from predictions"
    received = f"received_time >= timestamp '{since:%Y-%m-%d %H:%M:%S.%f}'"
    done = nrti("query", f"{counts} where {received}", "--format", "csv")
    assert done.returncode == 0, done.stderr
    rows, distinct = done.stdout.splitlines()[1].split(",")
    return int(rows.strip('"')), int(distinct.strip('"'))


def _dead_letters(target: Target) -> int:
    attributes: Any = target.client("sqs").get_queue_attributes(
        QueueUrl=outputs(target).dead_letter_queue_url, AttributeNames=["ApproximateNumberOfMessages"]
    )
    return int(attributes["Attributes"]["ApproximateNumberOfMessages"])


@pytest.mark.parametrize("batch", ["1", "25"])
def test_every_event_is_stored_once_and_reaches_the_lake_once(
    pipeline: Target, model: str, nrti: Nrti, batch: str
) -> None:
    items, dead, since = _items(pipeline), _dead_letters(pipeline), datetime.now(UTC)
    assert _lake(nrti, since) == (0, 0)

    done = nrti("produce", "--model", model, "--rate", "250", "--count", str(COUNT), "--batch", batch)

    assert done.returncode == 0, done.stderr
    eventually(lambda: len(_items(pipeline)) - len(items), lambda stored: stored >= COUNT)
    eventually(lambda: _lake(nrti, since)[0], lambda delivered: delivered >= COUNT)
    assert len(_items(pipeline)) == len(items) + COUNT
    assert _lake(nrti, since) == (COUNT, COUNT)
    assert _dead_letters(pipeline) == dead

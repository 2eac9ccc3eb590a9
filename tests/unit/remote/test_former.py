"""An event that is sent again after its model has got a new version."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from nrti_cli.remote.inference_function.endpoints import EndpointUnavailable, Judgement, Rejection
from nrti_cli.remote.inference_function.former import Former
from nrti_cli.remote.inference_function.records import item, key
from tests.unit.remote.conftest import PUBLISHED_AT, judged

BEFORE, AFTER = PUBLISHED_AT - 1, PUBLISHED_AT
OLD = judged("m", 0, 0.1, "20261101000000000")
NEW = judged("m", 1, 0.9)


def event(name: str = "e", timestamp: int = BEFORE, **more: Any) -> dict[str, Any]:
    return {"sensor": "s", "model": "m", "data": [1], "timestamp": timestamp, "event_id": name, **more}


@dataclass(frozen=True)
class Table:
    former: Former
    stubber: Stubber

    def expect(self, events: list[dict[str, Any]], items: list[Any], *, unread: bool = False) -> None:
        """One read of the keys of some events."""
        places = [key(event, NEW.version) for event in events]
        keys = [{"sensor": {"S": sensor}, "event_key": {"S": rest}} for sensor, rest in places]
        names = [
            "sensor", "event_key", "prediction", "probability", "score", "label", "predicted_at", "endpoint",
            "version",
        ]  # fmt: skip
        request = {
            "t": {
                "Keys": keys,
                "ConsistentRead": True,
                "ProjectionExpression": ", ".join(f"#{name}" for name in names),
                "ExpressionAttributeNames": {f"#{name}": name for name in names},
            }
        }
        answer: dict[str, Any] = {"Responses": {"t": items}}
        if unread:
            answer["UnprocessedKeys"] = request
        self.stubber.add_response("batch_get_item", answer, {"RequestItems": request})


@pytest.fixture
def table() -> Iterator[Table]:
    client = boto3.client(
        "dynamodb", region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test"
    )
    with Stubber(client) as stubber:
        yield Table(Former(lambda: client, "t"), stubber)
        stubber.assert_no_pending_responses()


def test_an_event_keeps_the_prediction_that_it_has(table: Table) -> None:
    known, new = event("known"), event("new")
    table.expect([known, new], [item(known, OLD, 5, 7)])

    (_, first), (_, second) = table.former.keep([(known, NEW), (new, NEW)])

    assert first == Judgement("nrti-m", OLD.version, OLD.verdict, predicted_at=7)
    assert second == NEW


def test_the_same_version_stores_it_again(table: Table) -> None:
    table.expect([event()], [item(event(), NEW, 5, 7)])

    assert table.former.keep([(event(), NEW)]) == [(event(), NEW)]


@pytest.mark.parametrize(
    "judged_",
    [
        (event(timestamp=AFTER), NEW),
        (event(rescore=True), NEW),
        (event(), judged("m", 1, 0.9, "AllTraffic")),
        (event(), Rejection("UnknownModel", "no")),
    ],
    ids=["happened later", "the sender wants it", "of another make", "rejected"],
)
def test_nothing_is_read_where_nothing_can_be_there(table: Table, judged_: Any) -> None:
    assert table.former.keep([judged_]) == [judged_]


def test_a_table_that_is_too_busy_has_the_workflow_wait(table: Table) -> None:
    for _ in range(3):
        table.expect([event()], [], unread=True)

    with pytest.raises(EndpointUnavailable, match="too busy"):
        table.former.keep([(event(), NEW)])

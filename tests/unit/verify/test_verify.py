from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from botocore.stub import ANY

from nrti_cli.aws.dynamodb.items import Identity, PredictionItems
from nrti_cli.aws.target import Target
from nrti_cli.ledger import LedgerEntry
from nrti_cli.verify.account import Account
from nrti_cli.verify.places import TimeRange
from nrti_cli.verify.run import DeliveryWait, of_ledger, verify
from tests.unit.conftest import Stub

KEYS = [("s", f"1970-01-01T00:00:00.00{at}Z#e{at}#m") for at in range(5)]
ENTRIES = [LedgerEntry(f"e{at}", "s", "m", at) for at in range(5)]


@dataclass
class Looks:
    """Places where an event is stored at one look and delivered at the next."""

    account_of: list[Any] = field(default_factory=list)

    def enter(self, account: Account) -> None:
        account.forget_places()
        self.account_of.append(account)
        for key in KEYS:
            account.store(key, "m", key[1])
            if len(self.account_of) > 2:
                account.deliver(key, "m", 1)


def test_a_ledger_makes_its_own_range() -> None:
    account, range_ = of_ledger(ENTRIES, None, 3)

    assert list(account.events) == KEYS[:4]
    assert (range_.first, range_.last) == (0, 3)
    assert range_.keys()[0] < KEYS[0][1]
    assert KEYS[3][1] < range_.keys()[1] < KEYS[4][1]


def test_each_event_is_accounted_for_once() -> None:
    account, _ = of_ledger(ENTRIES, None, None)
    stored, twice, dead, late, missing = KEYS
    for key in (stored, twice, late):
        account.store(key, "m", key[1])
    account.deliver(stored, "m", 1)
    account.deliver(twice, "m", 2)
    account.park(dead, "m", "UnknownModel")
    account.park(stored, "m", "FunctionFailed")
    account.store(("s", "another one's"), "m", "another one's")

    figures = account.figures()

    assert (figures.accepted, figures.stored, figures.dead, figures.missing) == (5, 3, 1, 1)
    assert (figures.delivered, figures.undelivered, figures.duplicates) == (2, 1, 1)
    assert dict(account.missing()) == {late: "lake", missing: "table"}
    assert account.reasons() == {"UnknownModel": 1}
    assert account.groups() == {("s", "m"): figures}
    assert not account.settled


def test_without_a_ledger_the_table_says_what_the_lake_should_show() -> None:
    account = Account(has_ledger=False)
    account.store(KEYS[0], "m", KEYS[0][1])
    account.park(KEYS[1], "m", "UnknownModel")

    assert dict(account.missing()) == {KEYS[0]: "lake"}
    account.deliver(KEYS[0], "m", 1)
    assert account.settled


def test_it_looks_again_until_all_is_there(wait_delays: list[float]) -> None:
    account, _ = of_ledger(ENTRIES, None, None)
    places = Looks()

    verify(account, places, DeliveryWait(60, wait_delays.append, lambda: 0.0))  # type: ignore[arg-type]

    assert wait_delays == [1, 1]
    assert account.settled


def test_it_does_not_look_for_ever(wait_delays: list[float]) -> None:
    account, _ = of_ledger([*ENTRIES, LedgerEntry("lost", "s", "m", 0)], None, None)
    times = iter([0.0, 5.0, 10.0, 50.0, 59.0, 59.5, 60.0, 60.5])

    verify(account, Looks(), DeliveryWait(60, wait_delays.append, lambda: next(times)))  # type: ignore[arg-type]

    # As long as the look took, 30 s at most, and not beyond the end.
    assert wait_delays == [5, 10, 0.5]
    assert account.figures().missing == 1


NAMES = ("sensor", "event_key", "event_id", "model")


def item(name: str) -> dict[str, Any]:
    return {
        field: {"S": value} for field, value in zip(NAMES, ("s", name, f"id of {name}", "m"), strict=True)
    }


def test_a_table_is_read_to_the_end_of_every_segment(target: Target, stub: Stub) -> None:
    for number in range(4):
        more = {"LastEvaluatedKey": {"sensor": {"S": "s"}, "event_key": {"S": "k"}}} if number == 0 else {}
        stub("dynamodb").add_response("scan", {"Items": [item(f"k{number}")], **more})
    stub("dynamodb").add_response("scan", {"Items": [item("k4")]})

    found = sorted(found.event_key for found in PredictionItems(target, "t").between("a", "z"))

    assert found == ["k0", "k1", "k2", "k3", "k4"]


def test_a_sensor_is_read_page_by_page(target: Target, stub: Stub) -> None:
    following = {"sensor": {"S": "s"}, "event_key": {"S": "k0"}}
    asked = {
        "TableName": "t",
        "KeyConditionExpression": ANY,
        "ExpressionAttributeValues": {":sensor": {"S": "s"}, ":first": {"S": "a"}, ":last": {"S": "z"}},
        "FilterExpression": "attribute_not_exists(shadow)",
        "ProjectionExpression": "sensor, event_key, event_id, model, rescored, predicted_at, expires_at",
        "ConsistentRead": True,
    }
    stub("dynamodb").add_response("query", {"Items": [item("k0")], "LastEvaluatedKey": following}, asked)
    stub("dynamodb").add_response("query", {"Items": [item("k1")]}, {**asked, "ExclusiveStartKey": following})

    assert list(PredictionItems(target, "t").of_sensor("s", "a", "z")) == [
        Identity("s", "k0", "id of k0", "m", rescored=False),
        Identity("s", "k1", "id of k1", "m", rescored=False),
    ]


def test_a_range_ends_with_its_last_millisecond() -> None:
    assert 5 in TimeRange(5, 5)
    assert 6 not in TimeRange(5, 5)
    with pytest.raises(StopIteration):
        next(iter(Account(has_ledger=True).missing()))

"""Predictions that are gone on purpose are not missing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from nrti_cli.aws.dynamodb.items import Identity
from nrti_cli.aws.target import Target
from nrti_cli.forgetting.records import Forgotten, Scope, forgotten, note
from nrti_cli.ledger import LedgerEntry
from nrti_cli.verify.deleted import Deleted
from nrti_cli.verify.run import of_ledger
from nrti_local.process import REGION
from tests.unit.conftest import Stub

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
BUCKET = f"nrti-artifacts-000000000000-{REGION}"
#: The SHA-256 of `s`.
HASH = "043a718774c572bd8a25adbeb1bfcd5c0256ae11cecf9f9c3f925d0e52beaf89"


def _at(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def _deployed(stub: Stub, **parameters: str) -> None:
    pairs = [{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()]
    stack = {"StackName": "nrti", "CreationTime": NOW, "StackStatus": "CREATE_COMPLETE", "Parameters": pairs}
    stub("cloudformation").add_response("describe_stacks", {"Stacks": [stack]})


def _listed(stub: Stub, *keys: str) -> None:
    contents: list[Any] = [{"Key": key} for key in keys]
    expected = {"Bucket": BUCKET, "Prefix": "forgotten/"}
    stub("s3").add_response("list_objects_v2", {"Contents": contents}, expected)


def _entry(sensor: str, accepted: datetime) -> LedgerEntry:
    return LedgerEntry("e", sensor, "m", _at(accepted), accepted_at=_at(accepted))


def test_what_was_accepted_longer_ago_than_it_is_kept_is_not_looked_for(target: Target, stub: Stub) -> None:
    _deployed(stub, RetentionDays="30")
    _listed(stub)
    deleted = Deleted.of(target, NOW)
    entries = [_entry("s", NOW - timedelta(days=days)) for days in (31, 29)]

    account, range_ = of_ledger(entries, None, None, deleted.reason)

    assert (len(account.events), account.deleted) == (1, {"expired": 1})
    assert range_.first == entries[1].timestamp


@pytest.mark.parametrize("parameters", [{}, {"RetentionDays": "0"}])
def test_without_a_retention_everything_is_looked_for(
    target: Target, stub: Stub, parameters: dict[str, str]
) -> None:
    _deployed(stub, **parameters)
    _listed(stub)
    deleted = Deleted.of(target, NOW)

    assert not deleted.reason(_entry("s", NOW - timedelta(days=3650)))
    assert not deleted.is_expired(Identity("s", "k", "e", "m", False, predicted_at=0), NOW)


@pytest.mark.parametrize(
    ("predicted", "expires", "expired"),
    [
        (timedelta(days=31), None, True),  # it was stored before there was a retention; its row is gone
        (timedelta(days=29), None, False),
        (timedelta(days=1), timedelta(seconds=-1), True),  # the retention was shorter then
        (timedelta(days=1), timedelta(days=29), False),
    ],
)
def test_an_item_that_may_go_at_any_moment_is_not_compared(
    predicted: timedelta, expires: timedelta | None, expired: bool
) -> None:
    deleted = Deleted(_at(NOW - timedelta(days=30)), Forgotten({}))
    expires_at = None if expires is None else round((NOW + expires).timestamp())

    assert (
        deleted.is_expired(Identity("s", "k", "e", "m", False, _at(NOW - predicted), expires_at), NOW)
        == expired
    )


def test_what_was_forgotten_is_not_looked_for(target: Target, stub: Stub) -> None:
    before = NOW - timedelta(days=2)
    _deployed(stub)
    _listed(stub, f"forgotten/{HASH}/{_at(NOW)}-{_at(before)}")
    deleted = Deleted.of(target, NOW)

    assert deleted.reason(_entry("s", before - timedelta(hours=1))) == "forgotten"
    assert not deleted.reason(_entry("s", before + timedelta(hours=1)))
    assert not deleted.reason(_entry("t", before - timedelta(hours=1)))


def test_what_is_forgotten_is_noted_without_its_name(target: Target, stub: Stub) -> None:
    for before, last in ((None, "all"), (5, "5")):
        key = f"forgotten/{HASH}/7-{last}"
        stub("s3").add_response("put_object", {}, {"Bucket": BUCKET, "Key": key, "Body": b""})

        note(target, Scope("s", 7, before))


def test_nothing_was_forgotten_if_the_bucket_is_gone(target: Target, stub: Stub) -> None:
    stub("s3").add_client_error("list_objects_v2", "NoSuchBucket")

    assert not forgotten(target).holds("s", 0, 0)

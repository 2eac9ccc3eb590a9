"""Predictions from before there was a retention."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from nrti_cli.aws.dynamodb.item_expiry import expire_all
from nrti_cli.aws.target import Target
from tests.unit.conftest import Stub

PREDICTED = 1_790_000_000_456


def _item(key: str) -> dict[str, Any]:
    return {"sensor": {"S": "s"}, "event_key": {"S": key}, "predicted_at": {"N": str(PREDICTED)}}


def _page(stub: Stub, *keys: str, last: str = "") -> None:
    answer: dict[str, Any] = {"Items": [_item(key) for key in keys]}
    if last:
        answer["LastEvaluatedKey"] = {"sensor": {"S": "s"}, "event_key": {"S": last}}
    stub("dynamodb").add_response("scan", answer)


def test_they_expire_as_if_they_were_stored_with_it(target: Target, stub: Stub) -> None:
    expected = {
        "TableName": "t",
        "Key": {"sensor": {"S": "s"}, "event_key": {"S": "k"}},
        "UpdateExpression": "SET expires_at = :at",
        "ConditionExpression": "predicted_at = :predicted AND attribute_not_exists(expires_at)",
        "ExpressionAttributeValues": {
            ":at": {"N": str(1_790_000_000 + 2 * 86_400)},
            ":predicted": {"N": str(PREDICTED)},
        },
    }
    _page(stub, "k", last="k")
    stub("dynamodb").add_response("update_item", {}, expected)
    _page(stub, last="l")
    _page(stub, "again")
    stub("dynamodb").add_client_error("update_item", "ConditionalCheckFailedException")

    assert expire_all(target, "t", timedelta(days=2)) == 1


def test_an_error_ends_it(target: Target, stub: Stub) -> None:
    _page(stub, "k")
    stub("dynamodb").add_client_error("update_item", "AccessDeniedException", "no")

    with pytest.raises(ClientError, match="AccessDenied"):
        expire_all(target, "t", timedelta(days=2))

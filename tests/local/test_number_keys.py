"""A number as a key of a table is one key in all of its forms."""

from __future__ import annotations

from typing import Any

import pytest

from nrti_cli.aws.target import Target

_TABLE = "numbered"
_DIGITS = "12345678901234567890123456789012345678"


@pytest.fixture(scope="module")
def dynamodb(embedded: Target) -> Any:
    """A client, with a table whose range key is a number and that has the items 100, 200 and 300."""
    client = embedded.client("dynamodb")
    client.create_table(
        TableName=_TABLE,
        KeySchema=[
            {"AttributeName": "h", "KeyType": "HASH"},
            {"AttributeName": "n", "KeyType": "RANGE"},
        ],
        AttributeDefinitions=[
            {"AttributeName": "h", "AttributeType": "S"},
            {"AttributeName": "n", "AttributeType": "N"},
        ],
        BillingMode="PAY_PER_REQUEST",
    )
    for number in ("100", "200", "300"):
        client.put_item(TableName=_TABLE, Item=_key(number))
    return client


def _key(number: str) -> Any:
    return {"h": {"S": "a"}, "n": {"N": number}}


@pytest.mark.parametrize("form", ["100", "100.0", "1E2", "0100", "+100"])
def test_an_item_is_found_and_replaced_by_each_form(form: str, dynamodb: Any) -> None:
    assert dynamodb.get_item(TableName=_TABLE, Key=_key(form))["Item"]["n"] == {"N": "100"}

    dynamodb.put_item(TableName=_TABLE, Item=_key(form))

    assert dynamodb.scan(TableName=_TABLE)["Count"] == 3


def test_a_page_begins_after_a_key_in_another_form(dynamodb: Any) -> None:
    found = dynamodb.query(
        TableName=_TABLE,
        KeyConditionExpression="h = :h",
        ExpressionAttributeValues={":h": {"S": "a"}},
        ExclusiveStartKey=_key("100.0"),
    )

    assert [item["n"]["N"] for item in found["Items"]] == ["200", "300"]


def test_38_digits_are_kept(dynamodb: Any) -> None:
    dynamodb.put_item(TableName=_TABLE, Item={"h": {"S": "b"}, "n": {"N": "1"}, "x": {"N": _DIGITS}})

    item = dynamodb.get_item(TableName=_TABLE, Key={"h": {"S": "b"}, "n": {"N": "1"}})["Item"]

    dynamodb.delete_item(TableName=_TABLE, Key={"h": {"S": "b"}, "n": {"N": "1"}})
    assert item["x"] == {"N": _DIGITS}

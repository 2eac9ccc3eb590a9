"""DynamoDB's order of the items of a hash key: numbers by value, binary data by its bytes, strings by UTF-8.

AWS says so on its pages "Querying tables in DynamoDB" and "Naming rules and data types".
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from nrti_cli.aws.target import Target

NUMBERS = ["-1E+3", "-20", "-3", "-0.5", "0", "1e-30", "0.25", "9", "10", "10.5", "100", "1E40"]
BYTES = [b"\x00", b"\x00\xff", b"\x01", b"~", b"\x7f", b"\x80", b"\xfb", b"\xff", b"\xff\x00"]
STRINGS = ["", "A", "Z", "a", "a b", "aa", "z", "ß", "\uffff", "😀"]
#: An attribute's type, and values in DynamoDB's order.
Ordered = tuple[str, list[Any]]


@pytest.fixture(scope="module")
def client(embedded: Target) -> Any:
    """A client, with a table for each type of range key, an index of each kind, and items in no order."""
    found = embedded.client("dynamodb")
    for kind, values in ALL:
        _create(found, kind)
        for number, value in enumerate(sorted(values, key=str, reverse=True)):
            for name in "ab":
                key = {"h": {"S": name}, "r": {kind: value}}
                found.put_item(
                    TableName=f"by{kind}",
                    Item={**key, "g": {"S": "g"}, "i": {kind: value}, "x": {"N": str(number)}},
                )
    return found


ALL: list[Ordered] = [("N", NUMBERS), ("B", BYTES), ("S", STRINGS[1:])]


def _create(client: Any, kind: str) -> None:
    def keys(first: str, second: str) -> list[dict[str, str]]:
        return [{"AttributeName": first, "KeyType": "HASH"}, {"AttributeName": second, "KeyType": "RANGE"}]

    everything = {"Projection": {"ProjectionType": "ALL"}}
    client.create_table(
        TableName=f"by{kind}",
        KeySchema=keys("h", "r"),
        AttributeDefinitions=[
            {"AttributeName": name, "AttributeType": each}
            for name, each in (("h", "S"), ("r", kind), ("g", "S"), ("i", kind))
        ],
        LocalSecondaryIndexes=[{"IndexName": "local", "KeySchema": keys("h", "i"), **everything}],
        GlobalSecondaryIndexes=[{"IndexName": "global", "KeySchema": keys("g", "i"), **everything}],
        BillingMode="PAY_PER_REQUEST",
    )


def _paged(ask: Callable[..., Any], **request: Any) -> list[Any]:
    """The items of all pages."""
    items: list[Any] = []
    while True:
        page = ask(**request)
        items += page["Items"]
        if "LastEvaluatedKey" not in page:
            return items
        request["ExclusiveStartKey"] = page["LastEvaluatedKey"]


def _of(hash_key: str, items: list[Any], kind: str) -> list[Any]:
    return [_plain(item["r"][kind], kind) for item in items if item["h"]["S"] == hash_key]


def _plain(value: Any, kind: str) -> Any:
    return float(value) if kind == "N" else value


@pytest.mark.parametrize("limit", [1, 2, 5, 100])
@pytest.mark.parametrize(("kind", "values"), ALL)
def test_a_scan_reads_the_items_of_a_hash_key_in_order(
    client: Any, kind: str, values: list[Any], limit: int
) -> None:
    items = _paged(client.scan, TableName=f"by{kind}", Limit=limit)

    assert len(items) == 2 * len(values)
    for name in "ab":
        assert _of(name, items, kind) == [_plain(value, kind) for value in values]


@pytest.mark.parametrize("forward", [True, False])
@pytest.mark.parametrize("index", [None, "local", "global"])
@pytest.mark.parametrize(("kind", "values"), ALL)
def test_a_query_reads_in_order(
    client: Any, kind: str, values: list[Any], index: str | None, forward: bool
) -> None:
    name, value = ("g", "g") if index == "global" else ("h", "a")
    request: dict[str, Any] = {"IndexName": index} if index else {}
    items = _paged(
        client.query,
        TableName=f"by{kind}",
        KeyConditionExpression="#k = :k",
        ExpressionAttributeNames={"#k": name},
        ExpressionAttributeValues={":k": {"S": value}},
        ScanIndexForward=forward,
        Limit=3,
        **request,
    )

    expected = [_plain(each, kind) for each in (values if forward else values[::-1])]
    assert _of("a", items, kind) == expected


@pytest.mark.parametrize(("kind", "values"), ALL)
def test_a_scan_of_an_index_and_partiql_read_in_order(client: Any, kind: str, values: list[Any]) -> None:
    expected = [_plain(value, kind) for value in values]

    assert _of("a", _paged(client.scan, TableName=f"by{kind}", IndexName="global", Limit=3), kind) == expected
    statement = f"SELECT h, r FROM \"by{kind}\" WHERE h = 'a'"  # noqa: S608 (a name of this test)
    assert _of("a", client.execute_statement(Statement=statement)["Items"], kind) == expected


@pytest.mark.parametrize(
    ("condition", "low", "high", "found"),
    [
        ("r > :l", "-3", None, NUMBERS[3:]),
        ("r <= :l", "9.0", None, NUMBERS[:8]),
        ("r between :l and :h", "-2E1", "0.250", NUMBERS[1:7]),
        ("r = :l", "1E1", None, ["10"]),
    ],
)
def test_ranges_are_of_numbers(
    client: Any, condition: str, low: str, high: str | None, found: list[str]
) -> None:
    values = {":k": {"S": "a"}, ":l": {"N": low}} | ({":h": {"N": high}} if high else {})
    items = client.query(
        TableName="byN",
        KeyConditionExpression=f"h = :k and {condition}",
        ExpressionAttributeValues=values,
    )["Items"]

    assert _of("a", items, "N") == [float(each) for each in found]

"""Expressions that DynamoDB refuses, with its messages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.local.packed_tables import TABLE, Ask, item, key, tables

_VALUES = {":x": {"N": "1"}, ":y": {"N": "2"}}
_INVALID = "1 validation error detected: Invalid UpdateExpression: "
_OVERLAP = (
    f"{_INVALID}Two document paths overlap with each other; must remove or rewrite one of these paths; "
)


#: An index that has no attributes but the keys.
_KEYS = {
    **TABLE["GlobalSecondaryIndexes"][0],
    "IndexName": "keys",
    "Projection": {"ProjectionType": "KEYS_ONLY"},
}
_TABLE = {**TABLE, "GlobalSecondaryIndexes": [*TABLE["GlobalSecondaryIndexes"], _KEYS]}


@pytest.fixture(scope="module")
def table() -> Iterator[Ask]:
    with tables(packed=True, table=_TABLE) as asked:
        assert asked(("PutItem", {"TableName": "table", "Item": item("h", "1", m={"M": {}})}))[0] == 200
        yield asked


def _update(expression: str, **names: str) -> dict[str, Any]:
    used = {name: value for name, value in _VALUES.items() if name in expression}
    more = {"ExpressionAttributeNames": {f"#{name}": value for name, value in names.items()}} if names else {}
    return {
        "TableName": "table",
        "Key": key("h", "1"),
        "UpdateExpression": expression,
        **({"ExpressionAttributeValues": used} if used else {}),
        **more,
    }


@pytest.mark.parametrize(
    ("update", "message"),
    [
        (_update("SET a=:x, a=:y"), f"{_OVERLAP}path one: [a], path two: [a]"),
        (_update("SET a=:x REMOVE a"), f"{_OVERLAP}path one: [a], path two: [a]"),
        (_update("SET m.b=:x, m=:y"), f"{_OVERLAP}path one: [m, b], path two: [m]"),
        (_update("SET l[0]=:x, l[ 0 ]=:y"), f"{_OVERLAP}path one: [l, [0]], path two: [l, [0]]"),
        (_update("set #n=:x, #m=:y", n="a", m="a"), f"{_OVERLAP}path one: [a], path two: [a]"),
        (_update("ADD a :x DELETE a :y"), f"{_OVERLAP}path one: [a], path two: [a]"),
        (
            _update("SET a=if_not_exists(a, :x), b=list_append(a, if_not_exists(b, :y)) REMOVE b"),
            f"{_OVERLAP}path one: [b], path two: [b]",
        ),
        (
            _update("SET a=:x SET b=:y"),
            f'{_INVALID}The "SET" section can only be used once in an update expression;',
        ),
    ],
)
def test_an_attribute_is_changed_once(update: dict[str, Any], message: str, table: Ask) -> None:
    assert table(("UpdateItem", update)) == (400, {"__type": "ValidationException", "message": message})
    transaction = {"TransactItems": [{"Update": update}]}
    assert table(("TransactWriteItems", transaction))[1]["message"] == message


@pytest.mark.parametrize(
    "update",
    [
        _update("SET a=:x, ab=:y"),
        _update("SET a=if_not_exists(a, :x), b=a"),
        _update("SET m.a=:x, m.b=:y REMOVE c"),
        _update("SET #set=:x, #a=:y", set="set", a="remove"),
        _update("ADD n :x SET b=:y - n"),
    ],
)
def test_attributes_that_differ_are_changed(update: dict[str, Any], table: Ask) -> None:
    assert table(("UpdateItem", update)) == (200, {})


def _query(**parameters: Any) -> dict[str, Any]:
    expression = parameters.get("FilterExpression", "")
    values = {":h": {"S": "h"}, ":r": {"S": "1"}}
    condition = "g = :h" if parameters.get("IndexName") else "h = :h"
    used = {name: value for name, value in values.items() if name in expression + condition}
    return {
        "TableName": "table",
        "KeyConditionExpression": condition,
        "ExpressionAttributeValues": used,
        **parameters,
    }


@pytest.mark.parametrize(
    ("query", "key"),
    [
        (_query(FilterExpression="r > :r"), "r"),
        (_query(FilterExpression="h = :h"), "h"),
        (_query(FilterExpression="attribute_exists(r)"), "r"),
        (_query(FilterExpression="x = :r OR #k = :r", ExpressionAttributeNames={"#k": "r"}), "r"),
        (_query(FilterExpression="g = :r", IndexName="by-g"), "g"),
    ],
)
def test_a_query_does_not_filter_by_a_key(query: dict[str, Any], key: str, table: Ask) -> None:
    status, answer = table(("Query", query))

    text = f"Filter Expression can only contain non-primary key attributes: Primary key attribute: {key}"
    assert (status, answer["message"]) == (400, text)


def test_the_older_filter_is_checked_too(table: Ask) -> None:
    condition = {"AttributeValueList": [{"S": "h"}], "ComparisonOperator": "EQ"}
    request = {"TableName": "table", "KeyConditions": {"h": condition}, "QueryFilter": {"r": condition}}

    status, answer = table(("Query", request))

    text = "QueryFilter can only contain non-primary key attributes: Primary key attribute: r"
    assert (status, answer["message"]) == (400, text)


@pytest.mark.parametrize(
    "query",
    [
        _query(FilterExpression="n = :r AND size(x) > :r"),
        _query(FilterExpression="m.r = :r"),
        _query(FilterExpression="h = :r", IndexName="by-g"),
        _query(FilterExpression=":r IN (x, n)"),
    ],
)
def test_other_attributes_are_filtered_by(query: dict[str, Any], table: Ask) -> None:
    assert table(("Query", query))[0] == 200


_DETECTED = "1 validation error detected: "
_ENUM = (
    "Member must satisfy enum value set: "
    "[SPECIFIC_ATTRIBUTES, COUNT, ALL_ATTRIBUTES, ALL_PROJECTED_ATTRIBUTES]"
)
_PARTIAL = (
    "Select type ALL_ATTRIBUTES is not supported for global secondary index keys because its projection "
    "type is not ALL"
)
_WHEN, _SPECIFIC = "when choosing to get", "SPECIFIC_ATTRIBUTES"
_ONE = {"TableName": "table"}


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        (
            {"Select": "count"},
            f"{_DETECTED}Value 'count' at 'select' failed to satisfy constraint: {_ENUM}",
        ),
        (
            {"Select": "SPECIFIC_ATTRIBUTES"},
            f"{_DETECTED}Must specify the AttributesToGet or ProjectionExpression {_WHEN} {_SPECIFIC}",
        ),
        (
            {"Select": "COUNT", "ProjectionExpression": "x"},
            f"{_DETECTED}Cannot specify the ProjectionExpression {_WHEN} only the Count",
        ),
        (
            {"Select": "ALL_ATTRIBUTES", "AttributesToGet": ["x"]},
            f"{_DETECTED}Cannot specify the AttributesToGet when choosing to get ALL_ATTRIBUTES",
        ),
        (
            {"Select": "ALL_PROJECTED_ATTRIBUTES"},
            f"{_DETECTED}ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName",
        ),
        (
            {"Select": "ALL_ATTRIBUTES", "IndexName": "keys"},
            f"One or more parameter values were invalid: {_PARTIAL}",
        ),
        ({"ProjectionExpression": ""}, "Invalid ProjectionExpression: The expression can not be empty;"),
        (
            {"FilterExpression": "x = y", "ExpressionAttributeValues": {"y": {"S": "1"}}},
            'ExpressionAttributeValues contains invalid key: Syntax error; key: "y"',
        ),
    ],
)
def test_what_cannot_be_returned_is_refused(parameters: dict[str, Any], message: str, table: Ask) -> None:
    answers = [table((operation, {**_ONE, **parameters})) for operation in ("Scan", "Query")]

    assert [(status, answer["message"]) for status, answer in answers] == [(400, message)] * 2


@pytest.mark.parametrize(
    "parameters",
    [
        {"Select": "COUNT"},
        {"Select": "ALL_ATTRIBUTES", "IndexName": "by-g"},
        {"Select": "ALL_PROJECTED_ATTRIBUTES", "IndexName": "by-g"},
        {"Select": "SPECIFIC_ATTRIBUTES", "ProjectionExpression": "x"},
        {"ProjectionExpression": "x"},
    ],
)
def test_what_can_be_returned_is(parameters: dict[str, Any], table: Ask) -> None:
    assert table(("Scan", {**_ONE, **parameters}))[0] == 200

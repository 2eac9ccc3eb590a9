"""Pages that are read by what they hold are those that ministack finds among all items."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ministack.services import dynamodb

from nrti_local.dynamodb.pages import Page
from tests.local.packed_tables import Ask, ask, puts, tables

#: The handler that reads all items.
STOCK = dynamodb.handle_request
KEYS = st.from_regex(r"[0-2][0-9]{0,2}", fullmatch=True)
CONDITIONS = st.one_of(
    st.tuples(st.just("h = :h")),
    st.tuples(st.sampled_from(["#h = :h AND r = :a", "h = :h AND r < :a", "r <= :a AND h = :h"]), KEYS),
    st.tuples(st.sampled_from(["h = :h AND #r > :a", "h = :h AND (r >= :a)", ":a < r AND h = :h"]), KEYS),
    st.tuples(st.just("h = :h AND begins_with(r, :a)"), KEYS),
    st.tuples(st.just("h = :h AND r BETWEEN :a AND :b"), KEYS, KEYS),
)
LIMITS = st.one_of(st.none(), st.integers(7, 100))


@pytest.fixture(scope="module")
def filled() -> Iterator[Ask]:
    """Three hash keys with 75 items each, of 15 KB, so that there are more than a page holds."""
    with tables(packed=True) as asked:
        for h in range(3):
            for start in range(0, 75, 25):
                assert asked(puts(f"h{h}", range(start, start + 25), 15_000))[0] == 200
        yield asked


def _pages(operation: str, request: dict[str, Any]) -> list[Any]:
    """All pages of an answer, as a client gets them, or the one that is an error."""
    pages: list[Any] = []
    while True:
        pages.append(ask((operation, request)))
        following = pages[-1][1].get("LastEvaluatedKey")
        if not following:
            return pages
        request = request | {"ExclusiveStartKey": following}


def _same(operation: str, request: dict[str, Any]) -> list[Any]:
    """The pages, after a comparison with those of a handler that reads all items."""
    patched = _pages(operation, request)
    current = dynamodb.handle_request
    dynamodb.handle_request = STOCK
    try:
        assert patched == _pages(operation, request)
    finally:
        dynamodb.handle_request = current
    return patched


@given(CONDITIONS, LIMITS, st.booleans())
@pytest.mark.usefixtures("filled")
def test_pages_of_a_query(condition: tuple[str, ...], limit: int | None, forward: bool) -> None:
    expression, *operands = condition
    values = {":h": {"S": "h1"}} | {
        name: {"S": text} for name, text in zip((":a", ":b"), operands, strict=False)
    }
    request: dict[str, Any] = {
        "TableName": "table",
        "KeyConditionExpression": expression,
        "ExpressionAttributeValues": values,
        "ScanIndexForward": forward,
    }
    names = {alias: alias[1] for alias in ("#h", "#r") if alias in expression}
    _same(
        "Query",
        request
        | ({"ExpressionAttributeNames": names} if names else {})
        | ({"Limit": limit} if limit else {}),
    )


@given(LIMITS, st.one_of(st.none(), st.tuples(st.integers(0, 3), st.integers(1, 4))))
@pytest.mark.usefixtures("filled")
def test_pages_of_a_scan(limit: int | None, part: tuple[int, int] | None) -> None:
    request: dict[str, Any] = {"TableName": "table"} | ({"Limit": limit} if limit else {})
    _same("Scan", request | (dict(zip(("Segment", "TotalSegments"), part, strict=True)) if part else {}))


@pytest.mark.usefixtures("filled")
def test_a_page_holds_a_megabyte_and_segments_make_up_the_table() -> None:
    whole = _same("Scan", {"TableName": "table"})
    parts = [_same("Scan", {"TableName": "table", "Segment": n, "TotalSegments": 3}) for n in range(3)]
    counts = [page["Count"] for _, page in whole]
    assert counts == [69, 69, 69, 18]
    assert sum(page["Count"] for part in parts for _, page in part) == 225


@pytest.mark.parametrize(
    ("operation", "more"),
    [
        ("Scan", {"ExclusiveStartKey": {"h": {"S": "h1"}}}),
        ("Scan", {"ExclusiveStartKey": {"h": {"N": "1"}, "r": {"S": "2"}}}),
        ("Scan", {"ExclusiveStartKey": "h1"}),
        ("Scan", {"Limit": "x"}),
        ("Scan", {"Limit": -1}),
        ("Scan", {"IndexName": "by-g", "Limit": 100}),
        ("Query", {"ExclusiveStartKey": {"h": {"S": "h1"}, "r": {"S": "2"}}}),
        ("Query", {"ExclusiveStartKey": {"h": {"S": "h0"}, "r": {"S": "2"}}}),
        ("Query", {"ExpressionAttributeValues": {":h": {"N": "1"}}}),
        ("Query", {"ExpressionAttributeValues": {":h": {"S": "nothing"}}}),
        ("Query", {"KeyConditionExpression": "h = :h OR r = :h"}),
        ("Query", {"KeyConditionExpression": "h > :h"}),
        ("Query", {"KeyConditionExpression": "r = :h"}),
        ("Query", {"KeyConditionExpression": 7}),
        ("Query", {"Select": "COUNT", "FilterExpression": "n = :h"}),
    ],
)
@pytest.mark.usefixtures("filled")
def test_requests_out_of_the_ordinary(operation: str, more: dict[str, Any]) -> None:
    usual: dict[str, Any] = {"TableName": "table"}
    if operation == "Query":
        usual |= {"KeyConditionExpression": "h = :h", "ExpressionAttributeValues": {":h": {"S": "h1"}}}
    request = usual | more

    def outcome(handler: Callable[[str, dict[str, Any]], Any]) -> Any:
        try:
            return handler(operation, request)
        except (
            TypeError,
            ValueError,
            AttributeError,
        ) as error:  # which ministack's application answers with 500
            return type(error)

    assert outcome(_same) == outcome(_pages)


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize(
    ("operation", "more", "expected"),
    [
        ("Query", {"KeyConditionExpression": "h = :h AND (r BETWEEN :a AND :b)"}, 6),
        ("Query", {"KeyConditionExpression": "begins_with(#r, :a) and h=:h"}, 1),
        ("Query", {"KeyConditionExpression": "h = :h", "Limit": 7}, 7),
        ("Query", {"KeyConditionExpression": "h = :h OR r = :a"}, 225),
        ("Scan", {"Limit": 9}, 9),
        ("Scan", {}, 70),
    ],
)
def test_a_reader_sees_what_its_page_needs(operation: str, more: dict[str, Any], expected: int) -> None:
    values = {":h": {"S": "h1"}, ":a": {"S": "005"}, ":b": {"S": "010"}}
    request = {"ExpressionAttributeValues": values, "ExpressionAttributeNames": {"#r": "r"}, **more}
    items = dynamodb._tables["table"]["items"]

    shown = Page(operation, json.dumps(request).encode())(items)

    assert sum(map(len, shown.values())) == expected

"""What a Query or a Scan has to see of a table to answer with its next page.

ministack reads all items of the partition, or of the table, for each page: it sorts them, and drops those
before the page. Shown only the items of the page, it gives the same answer.
"""

from __future__ import annotations

import hashlib
import json
import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from nrti_local.durability.packed.items import Item, Items, ItemsByKey
from nrti_local.dynamodb.tables import NO_RANGE_KEY
from nrti_local.ministack.entry import Request

Table = Mapping[str, Any]
#: A page holds so many bytes of items.
_PAGE = 1024 * 1024
_NAME, _VALUE = r"(#\w+|[A-Za-z]\w*)", r"(:\w+)"
#: A condition of a key, and what follows it: another one, or the end.
_CLAUSE = re.compile(
    rf"\s*(\()?\s*(?:{_NAME}\s*(<=|>=|=|<|>)\s*{_VALUE}"
    rf"|{_NAME}\s+((?i:between))\s+{_VALUE}\s+(?i:and)\s+{_VALUE}"
    rf"|(begins_with)\s*\(\s*{_NAME}\s*,\s*{_VALUE}\s*\))\s*(?(1)\))\s*((?i:and)\b|$)"
)
#: Where the keys that match a condition begin and end among all sorted keys, by the condition's operator.
_BOUNDS: dict[str, Callable[[list[str], list[str]], tuple[int, int]]] = {
    "=": lambda keys, of: (bisect_left(keys, of[0]), bisect_right(keys, of[0])),
    "<": lambda keys, of: (0, bisect_left(keys, of[0])),
    "<=": lambda keys, of: (0, bisect_right(keys, of[0])),
    ">": lambda keys, of: (bisect_right(keys, of[0]), len(keys)),
    ">=": lambda keys, of: (bisect_left(keys, of[0]), len(keys)),
    "between": lambda keys, of: (bisect_left(keys, of[0]), bisect_right(keys, of[1])),
    "begins_with": lambda keys, of: (
        bisect_left(keys, of[0]),
        bisect_right(keys, of[0], key=lambda key: key[: len(of[0])]),
    ),
}


class UnusualError(Exception):
    """A request that needs all items: it uses an index, has a number as range key, or is wrong."""


class Page:
    """The view of a table for one request; the first table that the request reads is the one it names.

    Args:
        operation: `Query` or `Scan`.
        body: of the request.
    """

    def __init__(self, operation: str, body: bytes) -> None:
        self._operation, self._body = operation, body
        self._items: Items | None = None
        self._shown: ItemsByKey = {}

    def __call__(self, items: Items) -> ItemsByKey:
        """What a table seems to hold."""
        if self._items is None:
            self._items, self._shown = items, self._needed(items)
        return self._shown if items is self._items else items.partitions

    def _needed(self, items: Items) -> ItemsByKey:
        try:
            return READERS[self._operation](items, json.loads(self._body))
        except (UnusualError, ValueError):
            return items.partitions


def scanned(items: Items, request: Request) -> ItemsByKey:
    """The items that a Scan needs.

    Raises:
        UnusualError: it needs all of them.
    """
    table, limit = _table(items, request)
    after = _start(table, request) or ("", "")
    return _page(items, _from(items, after, _in_segment(request)), limit)


def queried(items: Items, request: Request) -> ItemsByKey:
    """The items that a Query needs.

    Raises:
        UnusualError: it needs all of them.
    """
    table, limit = _table(items, request)
    hash_key, clauses = _key_condition(table, request)
    keys = sorted(items.partitions.get(hash_key, ()))
    first, last = 0, len(keys)
    for operator, values in clauses:
        begin, end = _BOUNDS[operator](keys, values)
        first, last = max(first, begin), min(last, end)
    after, forward = _start(table, request), request.get("ScanIndexForward", True)
    if after and after[0] != hash_key:
        raise UnusualError
    if after and forward:
        first = max(first, bisect_right(keys, after[1]))
    elif after:
        last = min(last, bisect_left(keys, after[1]))
    wanted = keys[first:last] if forward else reversed(keys[first:last])
    return _page(items, ((hash_key, range_key) for range_key in wanted), limit)


def _table(items: Items, request: Request) -> tuple[Table, int | None]:
    """The table, and the most items that the request wants."""
    limit = request.get("Limit")
    if items.table is None or request.get("IndexName"):
        raise UnusualError
    if limit is not None and not (isinstance(limit, int) and limit > 0):
        raise UnusualError
    return items.table, limit


def _start(table: Table, request: Request) -> tuple[str, str] | None:
    """The keys after which the page begins."""
    start = request.get("ExclusiveStartKey")
    if start is None:
        return None
    if not isinstance(start, dict):
        raise UnusualError
    range_key = _text(start.get(table["sk_name"])) if table["sk_name"] else NO_RANGE_KEY
    return _text(start.get(table["pk_name"])), range_key


def _text(value: Any) -> str:
    """The content of a key's value: a string, a number or binary data, which are texts in JSON."""
    if isinstance(value, dict) and len(value) == 1:
        ((kind, content),) = value.items()
        if kind in {"S", "N", "B"} and isinstance(content, str):
            return content
    raise UnusualError


def _in_segment(request: Request) -> Callable[[str], bool]:
    """Whether a hash key is in the segment of a parallel scan, as ministack divides a table."""
    segment, total = request.get("Segment"), request.get("TotalSegments")
    if segment is None and total is None:
        return lambda _: True
    if not (isinstance(segment, int) and isinstance(total, int) and total > 0):
        raise UnusualError
    return lambda key: int.from_bytes(hashlib.sha1(key.encode()).digest()[:4]) % total == segment  # noqa: S324


def _from(items: Items, after: tuple[str, str], wanted: Callable[[str], bool]) -> Iterator[tuple[str, str]]:
    """The keys of the items that follow others, in the order of a scan."""
    hash_keys = sorted(items.partitions)
    for hash_key in filter(wanted, islice(hash_keys, bisect_left(hash_keys, after[0]), None)):
        range_keys = sorted(items.partitions[hash_key])
        first = bisect_right(range_keys, after[1]) if hash_key == after[0] else 0
        for range_key in islice(range_keys, first, None):
            yield hash_key, range_key


def _key_condition(table: Table, request: Request) -> tuple[str, list[tuple[str, list[str]]]]:
    """The hash key, and the conditions of the range key: operators with their operands."""
    condition = request.get("KeyConditionExpression")
    names, values = request.get("ExpressionAttributeNames", {}), request.get("ExpressionAttributeValues", {})
    if not (isinstance(condition, str) and isinstance(names, dict) and isinstance(values, dict)):
        raise UnusualError
    if {"AttributeName": table["sk_name"], "AttributeType": "S"} not in table["AttributeDefinitions"]:
        raise UnusualError
    hash_key, clauses = None, []
    for name, operator, operands in _clauses(condition):
        texts = [_text(values.get(operand)) for operand in operands]
        if names.get(name, name) == table["sk_name"]:
            clauses.append((operator, texts))
        elif names.get(name, name) == table["pk_name"] and operator == "=":
            hash_key = texts[0]
    if hash_key is None:
        raise UnusualError
    return hash_key, clauses


def _clauses(condition: str) -> Iterator[tuple[str, str, list[str]]]:
    """The conditions of an expression: the name of the key, the operator, and the names of the operands."""
    begin, more = 0, True
    while more:
        found = _CLAUSE.match(condition, begin)
        if found is None:
            raise UnusualError
        begin, more = found.end(), bool(found.groups()[-1])
        parts = [part for part in found.groups()[1:-1] if part]
        names = [part for part in parts if part[0] != ":" and part.lower() not in _BOUNDS]
        (operator,) = (part.lower() for part in parts if part.lower() in _BOUNDS)
        yield names[0], operator, [part for part in parts if part[0] == ":"]


def _page(items: Items, keys: Iterable[tuple[str, str]], limit: int | None) -> ItemsByKey:
    """So many items that ministack's page is full, or all of them."""
    page: dict[str, dict[str, Item]] = {}
    size = 0
    for count, (hash_key, range_key) in enumerate(keys, 1):
        item = items.partitions[hash_key][range_key]
        page.setdefault(hash_key, {})[range_key] = item
        size += sum(len(name) + _least_size(value) for name, value in item.items())
        if size > _PAGE or count == limit:
            break
    return page


def _least_size(value: Mapping[str, Any]) -> int:
    """The least bytes that DynamoDB may count for a value: a page must not lack an item."""
    ((kind, content),) = value.items()
    if kind == "S":
        return len(content)
    if kind == "N":
        return 1 + (len(content.strip("-0.").replace(".", "")) + 1) // 2
    if kind == "B":
        return len(content) * 3 // 4 - 2
    if kind == "L":
        return 3 + sum(1 + _least_size(each) for each in content)
    if kind == "M":
        return 3 + sum(1 + len(name) + _least_size(each) for name, each in content.items())
    return 1


#: What each operation that reads many items needs of a table.
READERS: dict[str, Callable[[Items, Request], ItemsByKey]] = {"Query": queried, "Scan": scanned}

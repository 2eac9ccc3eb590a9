"""The items that a Query or a Scan needs for its next page.

ministack reads all items of the partition, or of the table, for each page: it sorts them, and drops those
before the page. Shown only the items of the page, it gives the same answer.
"""

from __future__ import annotations

import hashlib
import json
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from nrti_local.durability.packed.items import Item, Items, ItemsByKey
from nrti_local.durability.packed.range_keys import RangeKey
from nrti_local.dynamodb import key_conditions
from nrti_local.dynamodb.key_conditions import Table, UnusualError, text
from nrti_local.dynamodb.tables import NO_RANGE_KEY
from nrti_local.ministack.entry import Request

#: A page holds so many bytes of items.
_PAGE = 1024 * 1024


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
        except (UnusualError, AttributeError, KeyError, TypeError, ValueError):
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
    hash_key, clauses = key_conditions.parse(table, request)
    keys = sorted(items.partitions.get(hash_key, ()))
    first, last = key_conditions.matching(keys, clauses)
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
    range_key = text(start.get(table["sk_name"])) if table["sk_name"] else NO_RANGE_KEY
    return text(start.get(table["pk_name"])), range_key


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


def _page(items: Items, keys: Iterable[tuple[str, str]], limit: int | None) -> ItemsByKey:
    """So many items that ministack's page is full, or all of them."""
    page: dict[str, dict[str, Item]] = {}
    size = 0
    for count, (hash_key, range_key) in enumerate(keys, 1):
        item = items.partitions[hash_key][range_key]
        if isinstance(range_key, RangeKey) and items.table:  # ministack compares the content of the attribute
            (kind,) = item[items.table["sk_name"]]
            item[items.table["sk_name"]] = {kind: range_key}
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

"""What a Query or a Scan has to see of a table to answer with its next page.

ministack looks at all items of the partition, or of the table, for each page: it sorts them, and drops what
lies before the page. With these it looks at what the page holds, and does all else with that as ever.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any

from ministack.services import dynamodb

from nrti_local.durability.packed.items import Item, Items, ItemsByKey

Table = dict[str, Any]
Request = dict[str, Any]
#: A range key's stand-in, in tables that have none.
_NO_RANGE_KEY = "__no_sort__"
#: Where the keys that fulfil a condition begin and end among all keys in order, by the condition's operator.
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
    """A request that is better answered from all items: by an index, with a number for a key, or wrong."""


def scanned(table: Table, request: Request) -> ItemsByKey:
    """The items that a Scan needs.

    Raises:
        UnusualError: that cannot be told.
    """
    items, limit = _read(table, request)
    after = _start(table, request) or ("", "")
    return _page(items, _from(items, after, _in_segment(request)), limit)


def queried(table: Table, request: Request) -> ItemsByKey:
    """The items that a Query needs.

    Raises:
        UnusualError: that cannot be told.
    """
    items, limit = _read(table, request)
    hash_key, clauses = _key_condition(table, request)
    keys = sorted(items.get(hash_key, ()))
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


def _read(table: Table, request: Request) -> tuple[Items, int | None]:
    """The items, and how many the request wants at most."""
    items, limit = table["items"], request.get("Limit")
    if not isinstance(items, Items) or request.get("IndexName"):
        raise UnusualError
    if limit is not None and not (isinstance(limit, int) and limit > 0):
        raise UnusualError
    return items, limit


def _start(table: Table, request: Request) -> tuple[str, str] | None:
    """The keys after which the page begins."""
    start = request.get("ExclusiveStartKey")
    if start is None:
        return None
    if not isinstance(start, dict):
        raise UnusualError
    hash_key = dynamodb._extract_key_val(start.get(table["pk_name"]))  # noqa: SLF001
    range_key = _NO_RANGE_KEY
    if table["sk_name"]:
        range_key = dynamodb._extract_key_val(start.get(table["sk_name"]))  # noqa: SLF001
    if not (isinstance(hash_key, str) and isinstance(range_key, str)):
        raise UnusualError
    return hash_key, range_key


def _in_segment(request: Request) -> Callable[[str], bool]:
    """Tells hash keys of the part of the table that a parallel scan asks for, as ministack splits it."""
    segment, total = request.get("Segment"), request.get("TotalSegments")
    if segment is None and total is None:
        return lambda _: True
    if not (isinstance(segment, int) and isinstance(total, int) and total > 0):
        raise UnusualError
    return lambda key: int.from_bytes(hashlib.sha1(key.encode()).digest()[:4]) % total == segment  # noqa: S324


def _from(items: Items, after: tuple[str, str], wanted: Callable[[str], bool]) -> Iterator[tuple[str, str]]:
    """The keys of the items behind others, in the order of a scan."""
    hash_keys = sorted(items)
    for hash_key in filter(wanted, islice(hash_keys, bisect_left(hash_keys, after[0]), None)):
        range_keys = sorted(items[hash_key])
        first = bisect_right(range_keys, after[1]) if hash_key == after[0] else 0
        for range_key in islice(range_keys, first, None):
            yield hash_key, range_key


def _key_condition(table: Table, request: Request) -> tuple[str, list[tuple[str, list[str]]]]:
    """The hash key, and what the range key is to fulfil: operators with their operands."""
    condition = request.get("KeyConditionExpression")
    names, values = request.get("ExpressionAttributeNames", {}), request.get("ExpressionAttributeValues", {})
    if not (isinstance(condition, str) and isinstance(names, dict) and isinstance(values, dict)):
        raise UnusualError
    if not table["sk_name"] or dynamodb._get_attr_type(table, table["sk_name"]) != "S":  # noqa: SLF001
        raise UnusualError
    hash_key, clauses = None, []
    for clause in dynamodb._key_condition_clauses(dynamodb._tokenize(condition)):  # noqa: SLF001
        name, operator, operands = _clause(clause, names, values)
        if name == table["sk_name"]:
            clauses.append((operator, operands))
        elif name == table["pk_name"] and operator == "=":
            hash_key = operands[0]
    if hash_key is None:
        raise UnusualError
    return hash_key, clauses


def _clause(
    tokens: Iterable[tuple[str, str]], names: dict[str, str], values: dict[str, Any]
) -> tuple[str, str, list[str]]:
    """One condition: the name of the key, the operator, and the operands, which are texts."""
    name = operator = ""
    operands = []
    for kind, text in tokens:
        if text.lower() in _BOUNDS:
            operator = text.lower()
        elif kind == "VALUE_REF":
            operands.append(values.get(text))
        elif kind in ("IDENT", "NAME_REF") and text.upper() != "AND":
            if operands:
                raise UnusualError  # the value comes first, which turns the operator round
            name = names.get(text, text)
    texts = [dynamodb._extract_key_val(operand) for operand in operands]  # noqa: SLF001
    if not operator or len(texts) != (2 if operator == "between" else 1):
        raise UnusualError
    if not all(isinstance(text, str) for text in texts):
        raise UnusualError
    return name, operator, texts


def _page(items: Items, keys: Iterable[tuple[str, str]], limit: int | None) -> ItemsByKey:
    """So many of the items that ministack finds its page full, or all of them."""
    page: dict[str, dict[str, Item]] = {}
    size = 0
    for count, (hash_key, range_key) in enumerate(keys, 1):
        item = items[hash_key][range_key]
        page.setdefault(hash_key, {})[range_key] = item
        size += dynamodb._item_size_bytes(item)  # noqa: SLF001
        if size > dynamodb._DDB_PAGE_SIZE_BYTES or count == limit:  # noqa: SLF001
            break
    return page

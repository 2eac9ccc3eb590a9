"""Patches to ministack's DynamoDB: items are kept packed, and a page is read without all the others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ministack.services import dynamodb

from nrti_local.durability.packed import pages
from nrti_local.durability.packed.items import Item, Items, ItemsByKey
from nrti_local.dynamodb.patches import remembering
from nrti_local.ministack.patch import Patch

_MODULE = "ministack.services.dynamodb"
Handler = Callable[[dict[str, Any]], Any]


def _packing(original: Callable[..., Any]) -> Callable[..., Any]:
    def set_item(table: pages.Table, hash_key: str, range_key: str, item: Item) -> Any:
        if not isinstance(table["items"], Items):  # ministack made the table, or replaced all of its items
            table["items"] = Items(table["items"])
        return original(table, hash_key, range_key, item)

    return set_item


def _seeing(needed: Callable[[pages.Table, pages.Request], ItemsByKey]) -> Callable[[Handler], Handler]:
    """Makes a patch by which a request sees of its table only what it needs."""

    def replace(original: Handler) -> Handler:
        def answer(request: pages.Request) -> Any:
            name = request.get("TableName")
            table = dynamodb._tables.get(dynamodb._normalize_table_name(name)) if name else None  # noqa: SLF001
            if table is None:
                return original(request)
            try:
                some = needed(table, request)
            except pages.UnusualError:
                return original(request)
            with table["items"].showing(some):
                return original(request)

        return remembering(answer)

    return replace


PATCHES = (
    Patch(
        _MODULE,
        "_set_item",
        "Each item is kept as dictionaries within dictionaries, of 4 KB for a prediction.",
        _packing,
    ),
    Patch(
        _MODULE,
        "_query",
        "It reads and sorts all items of the partition for each page.",
        _seeing(pages.queried),
    ),
    Patch(
        _MODULE,
        "_scan",
        "It reads and sorts all items of the table for each page.",
        _seeing(pages.scanned),
    ),
)

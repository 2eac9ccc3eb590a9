"""The BatchWriteItem of a stream of events: new and plain items for one table, each looked at once.

ministack looks at a member of an item six times on its way into the table, and for each item anew at the
table, its stream and where that leads. What is not plain, or wrong, is left to it as it came.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from ministack.core.responses import json_response
from ministack.services import dynamodb

from nrti_local.durability.packed.items import Item
from nrti_local.dynamodb import streams
from nrti_local.ministack.patch import Patch

Request = dict[str, Any]
Table = dict[str, Any]
#: How many numbers are remembered, and of how many characters at most.
_REMEMBERED, _LONGEST = 4096, 256
#: What makes the answer, or more than one table, depend on an item.
_MANIFOLD = ("GlobalSecondaryIndexes", "LocalSecondaryIndexes", "VectorIndexes", "_global_regions")


def _at_once(original: Callable[[Request], Any]) -> Callable[[Request], Any]:
    def write(request: Request) -> Any:
        try:
            name, table, items = _plain(request)
        except (AttributeError, KeyError, TypeError, ValueError):
            return original(request)
        for (hash_key, range_key), item in items.items():
            dynamodb._set_item(table, hash_key, range_key, item)  # noqa: SLF001
        streams.emit_inserted(name, table, items.values())
        return json_response({"UnprocessedItems": {}})

    return write


def _plain(request: Request) -> tuple[str, Table, dict[tuple[str, str], Item]]:
    """The table and its name, and the new items by their keys.

    Raises:
        ValueError, or what a member of another type raises: the request is not plain.
    """
    ((name, puts),) = _only(request, "RequestItems").items()
    table = dynamodb._tables[name]  # noqa: SLF001
    if any(map(table.get, _MANIFOLD)):
        raise ValueError(name)
    keys = _text_key(table, "pk_name"), _text_key(table, "sk_name")
    found = [_only(_only(put, "PutRequest"), "Item") for put in puts]
    items = {_key(item, *keys): item for item in found}
    if not 1 <= len(items) == len(found) <= dynamodb._DDB_BATCH_WRITE_MAX:  # noqa: SLF001
        raise ValueError(name)
    if any(range_key in table["items"].get(hash_key, ()) for hash_key, range_key in items):
        raise ValueError(name)
    if any(_size(item) > dynamodb._DDB_ITEM_MAX_BYTES for item in found):  # noqa: SLF001
        raise ValueError(name)
    return name, table, items


def _only(members: Any, name: str) -> Any:
    """The value of a member that has to be the only one."""
    ((found, value),) = members.items()
    if found != name:
        raise ValueError(found)
    return value


def _text_key(table: Table, member: str) -> str:
    """The name of a key of a table, which has to be of texts."""
    name = table[member]
    if not isinstance(name, str) or dynamodb._get_attr_type(table, name) != "S":  # noqa: SLF001
        raise ValueError(name)
    return name


def _key(item: Item, hash_name: str, range_name: str) -> tuple[str, str]:
    hash_key, range_key = _only(item[hash_name], "S"), _only(item[range_name], "S")
    if not 1 <= len(hash_key.encode()) <= dynamodb._DDB_KEY_MAX_BYTES:  # noqa: SLF001
        raise ValueError(hash_key)
    if not 1 <= len(range_key.encode()) <= dynamodb._DDB_SORT_KEY_MAX_BYTES:  # noqa: SLF001
        raise ValueError(range_key)
    return hash_key, range_key


def _size(item: Item) -> int:
    """How large a plain item is, as DynamoDB counts; its numbers are written as DynamoDB writes them."""
    size = 0
    for name, value in item.items():
        ((kind, content),) = value.items()
        size += len(name.encode())
        size += 3 + sum(1 + _scalar_size(each) for each in content) if kind == "L" else _scalar_size(value)
    return size


def _scalar_size(value: Any) -> int:
    ((kind, content),) = value.items()
    if kind == "N":
        value["N"], size = _number(content)
        return size
    if kind != "S":
        raise ValueError(kind)
    return len(content.encode())


@lru_cache(_REMEMBERED)
def _number(text: str) -> tuple[str, int]:
    """A number as DynamoDB writes it, and its size."""
    if len(text) > _LONGEST or dynamodb._number_error(text):  # noqa: SLF001
        raise ValueError(text)
    written = dynamodb._ddb_canonicalize_number(text)  # noqa: SLF001
    return written, dynamodb._number_size_bytes(written)  # noqa: SLF001


PATCHES = (
    Patch(
        "ministack.services.dynamodb",
        "_batch_write_item",
        "It validates each item twice, measures it three times, and looks for its stream anew.",
        _at_once,
    ),
)

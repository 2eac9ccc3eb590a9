"""The BatchWriteItem of a stream of events: new and plain items for one table, each examined once.

ministack examines an attribute of an item six times on its way into the table, and finds the table, its
stream and the stream's destinations again for each item. A batch that is not plain, or wrong, is left to it.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from nrti_local.durability.packed.items import Item
from nrti_local.dynamodb import key_numbers, streams, tables
from nrti_local.ministack.answers import done
from nrti_local.ministack.entry import Request
from nrti_local.server.asgi import Answer

Table = dict[str, Any]
#: DynamoDB's limits: items in a batch; and in bytes, of a hash key, of a range key, and of an item.
_BATCH, _HASH_KEY, _RANGE_KEY, _ITEM = 25, 2048, 1024, 400 * 1024
#: Bytes of an item in ministack's estimate of a table's size.
_ESTIMATE = 200
#: A number in DynamoDB's own form. All of this length are within its 38 digits and its range.
_NUMBER = re.compile(r"0|-?(?:[1-9]\d*|(?:0|[1-9]\d*)\.\d*[1-9])", re.ASCII)
_LONGEST_NUMBER = 38
#: How many numbers in another form are remembered.
_REMEMBERED = 4096
#: Members of a table for which an item may be refused, or is stored in other places, too.
_SPECIAL = ("GlobalSecondaryIndexes", "LocalSecondaryIndexes", "VectorIndexes", "_global_regions")


def write(request: Request) -> Answer | None:
    """Stores the items of a plain batch, in the account and region of the current request.

    Args:
        request: the members of the request. Its numbers are rewritten in DynamoDB's own form.

    Returns:
        None, and nothing is stored, if the batch is one for ministack.
    """
    try:
        table, items = _plain(request)
    except (AttributeError, KeyError, TypeError, ValueError):
        return None
    table["items"].put_all(items)
    table["ItemCount"] += len(items)
    table["TableSizeBytes"] = _ESTIMATE * table["ItemCount"]
    streams.emit_inserted(table, items.values())
    return done({"UnprocessedItems": {}})


def _plain(request: Request) -> tuple[Table, dict[tuple[str, str], Item]]:
    """The table, and the new items by their keys.

    Raises:
        ValueError, or the error of a member with a wrong type: the batch is not plain.
    """
    ((name, puts),) = _only(request, "RequestItems").items()
    table = tables.table(name)
    if any(map(table.get, _SPECIAL)):
        raise ValueError(name)
    keys = _text_key(table, "pk_name"), _text_key(table, "sk_name") if table["sk_name"] else None
    found = [_only(_only(put, "PutRequest"), "Item") for put in puts]
    items = {_key(item, *keys): item for item in found}
    if not 1 <= len(items) == len(found) <= _BATCH:
        raise ValueError(name)
    if any(range_key in table["items"].get(hash_key, ()) for hash_key, range_key in items):
        raise ValueError(name)
    if any(_size(item) > _ITEM for item in found):
        raise ValueError(name)
    return table, items


def _only(members: Any, name: str) -> Any:
    """The value of a member that has to be the only one."""
    ((found, value),) = members.items()
    if found != name:
        raise ValueError(found)
    return value


def _text_key(table: Table, member: str) -> str:
    """The name of a table's key, which has to be a string."""
    name: str = table[member]
    if {"AttributeName": name, "AttributeType": "S"} not in table["AttributeDefinitions"]:
        raise ValueError(name)
    return name


def _key(item: Item, hash_name: str, range_name: str | None) -> tuple[str, str]:
    hash_key = _only(item[hash_name], "S")
    range_key = _only(item[range_name], "S") if range_name else tables.NO_RANGE_KEY
    if not 1 <= len(hash_key.encode()) <= _HASH_KEY:
        raise ValueError(hash_key)
    if not 1 <= len(range_key.encode()) <= _RANGE_KEY:
        raise ValueError(range_key)
    return hash_key, range_key


def _size(item: Item) -> int:
    """The most bytes that DynamoDB may count for a plain item; rewrites its numbers in DynamoDB's form."""
    size = 0
    for name, value in item.items():
        ((kind, content),) = value.items()
        size += len(name.encode())
        size += 3 + sum(1 + _scalar_size(each) for each in content) if kind == "L" else _scalar_size(value)
    return size


def _scalar_size(value: Any) -> int:
    ((kind, content),) = value.items()
    if kind == "N":
        if not _NUMBER.fullmatch(content):
            value["N"] = content = _rewritten(content)
        if len(content) > _LONGEST_NUMBER:
            raise ValueError(content)
        return len(content) + 2
    if kind != "S":
        raise ValueError(kind)
    return len(content.encode())


@lru_cache(_REMEMBERED)
def _rewritten(number: str) -> str:
    """A number in DynamoDB's form; numbers such as 1.0 come again and again.

    Raises:
        ValueError: it is no number, or so long that ministack has to examine it.
    """
    rewritten = key_numbers.canonical(number)
    if len(number) > _LONGEST_NUMBER or not _NUMBER.fullmatch(rewritten):
        raise ValueError(number)
    return rewritten

"""Deletes items whose time to live is over, as DynamoDB does in the background.

It goes through all items of the tables with a time to live, in short steps between the requests, and again
when an item is due, or after writes. Import it after the patches are applied: it imports ministack.
"""

# ruff: noqa: SLF001
from __future__ import annotations

import asyncio
import logging
import math
import time
from collections.abc import AsyncIterator, Callable, Iterator
from itertools import islice
from typing import Any, NamedTuple

from ministack.core.responses import request_scope
from ministack.services import dynamodb

from nrti_local.durability.packed.form import unpack
from nrti_local.durability.packed.items import Item, Items
from nrti_local.dynamodb import identity, time_to_live
from nrti_local.ministack.patch import private
from nrti_local.server.shared.ask import RefusedError, ask_json

_logger = logging.getLogger(__name__)
#: The shortest pause between two passes, in seconds, and the longest share of the time that they may take.
_PAUSE, _SHARE = 5.0, 0.02
#: Items of a step; and how much longer than a step the requests have until the next one.
_STEP, _ROOM = 100, 4
#: An item whose time lies further back never expires: it is taken for another kind of number.
_LONGEST_AGO = 5 * 365.25 * 86_400


class _Seen(NamedTuple):
    """What the last pass has seen of a table: the count of its changes, and when the next item is due."""

    changes: int
    due: float


async def watch() -> None:
    """Deletes what expires, in all accounts and regions, until it is cancelled."""
    expiry = Expiry()
    while True:
        began = time.monotonic()
        try:
            await expiry.run()
        except Exception:  # the next pass may succeed
            _logger.exception("expired items cannot be deleted")
        await asyncio.sleep(max(_PAUSE, (time.monotonic() - began) / _SHARE / _ROOM))


class Expiry:
    """The passes over all tables.

    Args:
        clock: seconds since 1970.
    """

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._seen: dict[str, _Seen] = {}

    async def run(self) -> None:
        """One pass; tables in which nothing can be due are skipped."""
        for (account, region, _), table in list(dynamodb._tables.all_items()):
            name, items = time_to_live.attribute(table), table["items"]
            seen = self._seen.get(table["TableId"], _Seen(-1, -math.inf))
            if not name or (seen.changes == items.changes and seen.due > self._clock()):
                continue
            changes, due = items.changes, math.inf
            async for item in _with_attribute(items, name):
                due = min(due, self._expire(account, region, table, item, name))
            self._seen[table["TableId"]] = _Seen(changes, due)

    def _expire(self, account: str, region: str, table: dict[str, Any], item: Item, name: str) -> float:
        """Deletes an item if it is due, unless it has changed; returns when it is due otherwise."""
        at = _time(item[name])
        if at > self._clock() or at <= self._clock() - _LONGEST_AGO:
            return at if at > self._clock() else math.inf
        request = {
            "TableName": table["TableName"],
            "Key": {key: item[key] for key in (table["pk_name"], table["sk_name"]) if key},
            "ConditionExpression": "#expiry = :seen",
            "ExpressionAttributeNames": {"#expiry": name},
            "ExpressionAttributeValues": {":seen": item[name]},
        }
        with request_scope(account, region), identity.by_service():
            try:
                ask_json(dynamodb, "DynamoDB_20120810.DeleteItem", request)
            except RefusedError:  # it was written again: the next pass reads its new time
                return -math.inf
        return math.inf


async def _with_attribute(items: Items, name: str) -> AsyncIterator[Item]:
    """The items that have an attribute, with a pause for the requests after every step."""
    every = _keys(items)
    while keys := list(islice(every, _STEP)):
        began = time.monotonic()
        for hash_key, range_key in keys:
            packed = items.packed(hash_key, range_key)
            # Most of the time of a pass would be for unpacking items without the attribute.
            if packed and name.encode() in packed and name in (item := unpack(packed)):
                yield item
        await asyncio.sleep(_ROOM * (time.monotonic() - began))


def _keys(items: Items) -> Iterator[tuple[str, str]]:
    """All keys; items that come or go meanwhile may be missing or gone."""
    for hash_key in list(items.partitions):
        for range_key in list(items.partitions.get(hash_key, ())):
            yield hash_key, range_key


def _time(value: dict[str, Any]) -> float:
    """Seconds since 1970; infinite for what is no number, as items with other values do not expire."""
    try:
        return float(value["N"])
    except (KeyError, TypeError, ValueError):
        return math.inf


PRIVATE = private("ministack.services.dynamodb", "_tables")

"""The store of the records of tables' streams, packed, and the records of a batch of new items."""

# ruff: noqa: SLF001
from __future__ import annotations

import time
from collections.abc import Collection
from typing import Any

from ministack.core.concurrency import esm_wake
from ministack.core.responses import AccountRegionScopedDict, get_region, new_uuid, now_iso
from ministack.services import dynamodb

from nrti_local.durability.numbers import TABLES
from nrti_local.durability.packed.items import Item
from nrti_local.durability.packed.records import Record, TableRecords
from nrti_local.kinesis import puts
from nrti_local.ministack.patch import Patch, private

_MODULE = "ministack.services.dynamodb"
#: The view of a change that Kinesis gets, whatever view the table's stream has.
_WHOLE = "NEW_AND_OLD_IMAGES"
#: The views that contain the new item.
_WITH_NEW_IMAGE = {_WHOLE, "NEW_IMAGE"}


class Streams(AccountRegionScopedDict):  # type: ignore[misc]  # ministack has no types
    """The records of all streams.

    Args:
        streams: ministack's store.
    """

    def __init__(self, streams: AccountRegionScopedDict) -> None:
        super().__init__()
        for (account, region, table), records in streams.all_items():
            self.set_scoped(account, region, table, records)

    def __setitem__(self, table: str, records: Any) -> None:
        super().__setitem__(table, _packed(records))

    def set_scoped(self, account: str, region: str, table: str, records: Any) -> None:
        """Adds the records of a stream of another account or region."""
        super().set_scoped(account, region, table, _packed(records))


def _packed(records: Any) -> TableRecords:
    return records if isinstance(records, TableRecords) else TableRecords(records)


def emit_inserted(table: dict[str, Any], items: Collection[Item]) -> None:
    """Sends new items to the table's stream and to its Kinesis streams, as ministack does for each item."""
    name, specification = table["TableName"], table.get("StreamSpecification") or {}
    if specification.get("StreamEnabled"):
        records = dynamodb._stream_records.get(name)
        if records is None:
            records = dynamodb._stream_records[name] = TableRecords()
        for change in _inserts(table, items, specification.get("StreamViewType", _WHOLE)):
            records.append(change)
        esm_wake.set()
        dynamodb.stream_start_position(name)  # which removes expired records
    for destination in dynamodb._kinesis_destinations.get(name, ()):
        if destination.get("DestinationStatus") == "ACTIVE":
            puts.put_changes(destination["StreamArn"], _inserts(table, items, _WHOLE))


def _inserts(table: dict[str, Any], items: Collection[Item], view: str) -> list[Record]:
    """A record of each new item, with the members that ministack gives it."""
    region, created = get_region(), int(time.time())
    source = table.get("LatestStreamArn") or f"{table['TableArn']}/stream/{now_iso()[:-1]}"
    keys = [name for name in (table["pk_name"], table["sk_name"]) if name]
    records = []
    for item in items:
        change = {
            "ApproximateCreationDateTime": created,
            "Keys": {name: item[name] for name in keys},
            "SequenceNumber": TABLES.next(),
            "SizeBytes": 0,
            "StreamViewType": view,
        }
        if view in _WITH_NEW_IMAGE:
            change["NewImage"] = item
        records.append(
            {
                "eventID": new_uuid(),
                "eventName": "INSERT",
                "eventVersion": "1.1",
                "eventSource": "aws:dynamodb",
                "awsRegion": region,
                "dynamodb": change,
                "eventSourceARN": source,
            }
        )
    return records


PATCHES = (
    Patch(
        _MODULE,
        "_stream_records",
        "It keeps a record as dictionaries within dictionaries; and a clock that is set back makes sequence "
        "numbers lower than those before.",
        Streams,
    ),
)
PRIVATE = private(_MODULE, "_stream_records", "_kinesis_destinations")

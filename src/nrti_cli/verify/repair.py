"""Puts into the lake what the table has and the lake has not, by the way that everything takes there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nrti_cli.aws.change_records import ChangeRecords
from nrti_cli.aws.items import Items

if TYPE_CHECKING:
    from nrti_cli.aws.target import Target
    from nrti_cli.stack.outputs import Outputs
    from nrti_cli.verify.account import Account


def repair(target: Target, stack: Outputs, account: Account) -> int:
    """Puts the items of all undelivered events into the stream of the table's changes once more.

    From there Firehose and the transform function make the same rows of them as of any others. Only what the
    lake has not is put, so doing it again once that has come does nothing.

    Returns:
        How many there were.
    """
    undelivered = [
        (sensor, event.item_key) for (sensor, _), event in account.events.items() if event.undelivered
    ]
    items = Items(target, stack.table).of_keys(undelivered)
    return ChangeRecords(target, stack.stream, stack.table).put(items)

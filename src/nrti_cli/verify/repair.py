"""Delivers stored predictions to the lake again, through the regular delivery."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nrti_cli.aws.dynamodb.items import PredictionItems
from nrti_cli.aws.kinesis.change_records import ChangeRecords

if TYPE_CHECKING:
    from nrti_cli.aws.target import Target
    from nrti_cli.stack.outputs import Outputs
    from nrti_cli.verify.account import Account


def repair(target: Target, stack: Outputs, account: Account) -> int:
    """Puts the items of all undelivered events into the stream of the table's changes again.

    Firehose and the transform function make the same rows of them. Only undelivered items are put, so that
    repeating the repair after their delivery does nothing.

    Returns:
        The number of items.
    """
    undelivered = [
        (sensor, event.item_key) for (sensor, _), event in account.events.items() if event.undelivered
    ]
    items = PredictionItems(target, stack.table).of_keys(undelivered)
    return ChangeRecords(target, stack.stream, stack.table).put(items)

"""Verifies a time range, and waits for events that are being delivered."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from nrti_cli.aws.cloudwatch.metrics import Metric, read_metrics
from nrti_cli.events import event_key
from nrti_cli.ledger import LedgerEntry
from nrti_cli.verify.account import Account
from nrti_cli.verify.places import Places, TimeRange

if TYPE_CHECKING:
    from nrti_cli.aws.target import Target
    from nrti_cli.stack.outputs import Outputs

#: Bounds of the pause between two passes, in seconds. It is as long as a pass, which queries the lake.
_SHORTEST_PAUSE, _LONGEST_PAUSE = 1.0, 30.0
#: The metrics of an execution's end.
_ENDS = ("Succeeded", "Failed", "TimedOut", "Aborted")


@dataclass(frozen=True)
class DeliveryWait:
    """How long to wait for delivery, in seconds."""

    seconds: float
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic


def of_ledger(
    entries: Iterable[LedgerEntry],
    since: int | None,
    until: int | None,
    deleted: Callable[[LedgerEntry], str] = lambda _: "",
) -> tuple[Account, TimeRange]:
    """The account of a ledger's events, and their time range.

    Args:
        entries: of the ledger.
        since: earlier events are skipped; epoch milliseconds.
        until: later events are skipped.
        deleted: why an event need not exist any more; empty if it has to.
    """
    account, first, last = Account(has_ledger=True), None, 0
    for entry in entries:
        if in_period(entry, since, until):
            if reason := deleted(entry):
                account.deleted[reason] += 1
                continue
            key = event_key(entry.timestamp, entry.event_id, entry.model, rescored=entry.rescored)
            account.accept((entry.sensor, key), entry.model)
            first = min(entry.timestamp, first if first is not None else entry.timestamp)
            last = max(entry.timestamp, last)
    return account, TimeRange(first or 0, last)


def in_period(entry: LedgerEntry, since: int | None, until: int | None) -> bool:
    """Whether an event is neither too early nor too late; the times are in epoch milliseconds."""
    return (since is None or entry.timestamp >= since) and (until is None or entry.timestamp <= until)


def verify(
    account: Account,
    places: Places,
    patience: DeliveryWait,
    on_pass: Callable[[Account], None] = lambda _: None,
) -> None:
    """Looks for every event until all are found or the time is over; `on_pass` is called after each pass."""
    if account.has_ledger and not account.events:
        return
    began = patience.clock()
    deadline = began + patience.seconds
    while True:
        places.enter(account)
        on_pass(account)
        ended = patience.clock()
        if account.settled or ended >= deadline:
            return
        pause = min(max(ended - began, _SHORTEST_PAUSE), _LONGEST_PAUSE)
        patience.sleep(min(pause, deadline - ended))
        began = patience.clock()


def executions(target: Target, stack: Outputs, range_: TimeRange) -> int:
    """The number of executions of the workflow that ended in a time range, in whole minutes of AWS's clock.

    There is one for each accepted request, whatever its response, and one for each redrive. The API's own
    metrics would not do: their 4xx include requests whose events were dead-lettered.
    """
    dimensions = {"StateMachineArn": stack.state_machine_arn}
    metrics = [Metric(f"Executions{end}", "AWS/States", dimensions) for end in _ENDS]
    first, last = (datetime.fromtimestamp(at / 1000, UTC) for at in (range_.first, range_.last))
    counted = read_metrics(target, metrics, last - first + timedelta(minutes=1), last)
    return int(sum(series.total for series in counted))

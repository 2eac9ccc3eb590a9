"""Verifies a range of time, and waits for what is on its way."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from nrti_cli.aws import cloudwatch
from nrti_cli.aws.cloudwatch import Metric
from nrti_cli.events import event_key
from nrti_cli.ledger import Entry
from nrti_cli.verify.account import Account
from nrti_cli.verify.places import Places, Range

if TYPE_CHECKING:
    from nrti_cli.aws.target import Target
    from nrti_cli.stack.outputs import Outputs

#: Seconds between two looks: as many as a look takes, for each is a query of the lake, within these bounds.
_SHORTEST_PAUSE, _LONGEST_PAUSE = 1.0, 30.0
#: How an execution ends, by the names of its metrics.
_ENDS = ("Succeeded", "Failed", "TimedOut", "Aborted")


@dataclass(frozen=True)
class Patience:
    """How long to wait for what is on its way, in seconds."""

    seconds: float
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic


def of_ledger(entries: Iterable[Entry], since: int | None, until: int | None) -> tuple[Account, Range]:
    """The account of a ledger's events, and when they happened.

    Args:
        entries: of the ledger.
        since: leaves out what happened earlier, in epoch milliseconds.
        until: leaves out what happened later.
    """
    account, first, last = Account(has_ledger=True), None, 0
    for entry in entries:
        if (since is None or entry.timestamp >= since) and (until is None or entry.timestamp <= until):
            key = event_key(entry.timestamp, entry.event_id, entry.model, rescored=entry.rescored)
            account.accept((entry.sensor, key), entry.model)
            first = min(entry.timestamp, first if first is not None else entry.timestamp)
            last = max(entry.timestamp, last)
    return account, Range(first or 0, last)


def verify(
    account: Account, places: Places, patience: Patience, tell: Callable[[Account], None] = lambda _: None
) -> None:
    """Looks for every event until all is settled or the patience is over; `tell` hears of each look."""
    began = patience.clock()
    deadline = began + patience.seconds
    while True:
        places.enter(account)
        tell(account)
        ended = patience.clock()
        if account.settled or ended >= deadline:
            return
        pause = min(max(ended - began, _SHORTEST_PAUSE), _LONGEST_PAUSE)
        patience.sleep(min(pause, deadline - ended))
        began = patience.clock()


def executions(target: Target, stack: Outputs, range_: Range) -> int:
    """How many executions of the workflow ended in a range of time, by AWS's clock and in whole minutes.

    Each is for a request that was accepted, whatever it was answered, or for a redrive. The API's own
    counters would not do: they have among the 4xx the requests whose events lie in the dead letters.
    """
    dimensions = {"StateMachineArn": stack.state_machine_arn}
    metrics = [Metric(f"Executions{end}", "AWS/States", dimensions) for end in _ENDS]
    first, last = (datetime.fromtimestamp(at / 1000, UTC) for at in (range_.first, range_.last))
    counted = cloudwatch.read(target, metrics, last - first + timedelta(minutes=1), last)
    return int(sum(series.total for series in counted))

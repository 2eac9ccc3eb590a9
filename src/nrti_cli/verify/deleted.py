"""Predictions that are deleted on purpose, by the retention or by `nrti forget`, and so are not missing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from nrti_cli.forgetting.records import Forgotten, forgotten
from nrti_cli.stack.outputs import retention

if TYPE_CHECKING:
    from nrti_cli.aws.dynamodb.items import Identity
    from nrti_cli.aws.target import Target
    from nrti_cli.ledger import LedgerEntry

#: The times of a ledger and of the table are by different clocks.
_MARGIN = timedelta(seconds=10)


@dataclass(frozen=True)
class Deleted:
    """What may be deleted.

    Attributes:
        since: predictions of this time and earlier have expired, in epoch milliseconds; None if none does.
        forgotten: what `nrti forget` has deleted.
    """

    since: int | None
    forgotten: Forgotten

    @classmethod
    def of(cls, target: Target, now: datetime) -> Deleted:
        """Reads the settings of the stack and what was forgotten."""
        kept = retention(target)
        since = None if kept is None else _milliseconds(now - kept + _MARGIN)
        return cls(since, forgotten(target))

    def reason(self, entry: LedgerEntry) -> str:
        """Why an event of a ledger may be gone: `expired` or `forgotten`; empty if it has to exist."""
        if self._is_expired(entry.accepted_at):
            return "expired"
        earliest = entry.accepted_at - _MARGIN // timedelta(milliseconds=1)
        return "forgotten" if self.forgotten.holds(entry.sensor, entry.timestamp, earliest) else ""

    def is_expired(self, item: Identity, now: datetime) -> bool:
        """Whether an item may be deleted at any moment, or its row already is."""
        due = item.expires_at is not None and item.expires_at * 1000 <= _milliseconds(now + _MARGIN)
        return due or self._is_expired(item.predicted_at)

    def _is_expired(self, stored_at: int) -> bool:
        return self.since is not None and stored_at <= self.since


def _milliseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)

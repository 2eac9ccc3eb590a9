"""Looks for events in the dead letters, the table and the lake, in this order.

Events move only in this direction, so none is missed on its way, not even one that is redriven.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import TYPE_CHECKING

from nrti_cli.athena.result import open_result
from nrti_cli.aws.athena import Athena
from nrti_cli.aws.dynamodb.items import PredictionItems
from nrti_cli.deadletters.kept import every_letter
from nrti_cli.deadletters.letter import key
from nrti_cli.events import event_key, stored_key, time_key
from nrti_cli.verify.account import Account

if TYPE_CHECKING:
    from nrti_cli.aws.dynamodb.items import Identity
    from nrti_cli.aws.target import Target
    from nrti_cli.stack.outputs import Outputs

#: Up to this many sensors are queried one by one; for more, the whole table is scanned.
_FEW_SENSORS = 200
#: A device's clock may be fast; then its events are in the lake before their own time.
_AHEAD = timedelta(days=1)
#: Visibility timeout of letters in seconds, in case the process is killed while it reads them.
_HIDE_FOR = 30


@dataclass(frozen=True)
class TimeRange:
    """A range of event times in epoch milliseconds; both ends are included."""

    first: int
    last: int

    def __contains__(self, milliseconds: int) -> bool:
        """Whether an event of this time is in the range."""
        return self.first <= milliseconds <= self.last

    def keys(self) -> tuple[str, str]:
        """The first and the last `event_key` of the range."""
        return time_key(self.first), f"{time_key(self.last)}#\U0010ffff"


class Places:
    """The places of a stack where events can be.

    Args:
        target: the AWS.
        stack: the stack's outputs.
        range_: the time range.
        expired: whether an item may be deleted any moment.
    """

    def __init__(
        self,
        target: Target,
        stack: Outputs,
        range_: TimeRange,
        expired: Callable[[Identity], bool] = lambda _: False,
    ) -> None:
        self._target = target
        self._stack = stack
        self._range = range_
        self._expired = expired

    def enter(self, account: Account) -> None:
        """Looks everywhere, and adds what is found to the account."""
        account.forget_places()
        self._enter_letters(account)
        self._enter_items(account)
        self._enter_rows(account)

    def _enter_letters(self, account: Account) -> None:
        first, last = self._range.keys()
        with every_letter(self._target, self._stack.dead_letter_queue_url, _HIDE_FOR) as (kept, sweep):
            for letter in chain(kept, sweep.letters()):
                for event in letter.events:
                    if (found := key(event)) and first <= found[1] <= last:
                        account.park(found, str(event.get("model", "")), letter.error)
            account.unread_letters = sweep.unread()

    def _enter_items(self, account: Account) -> None:
        items = PredictionItems(self._target, self._stack.table)
        first, last = self._range.keys()
        sensors = {sensor for sensor, _ in account.events} if account.has_ledger else set()
        if 0 < len(sensors) <= _FEW_SENSORS:
            found = chain.from_iterable(items.of_sensor(sensor, first, last) for sensor in sensors)
        else:
            found = chain(items.between(first, last))
        for item in found:
            if self._expired(item):
                continue
            key_ = stored_key(item.event_key, item.event_id, item.model, rescored=item.rescored)
            account.store((item.sensor, key_), item.model, item.event_key)

    def _enter_rows(self, account: Account) -> None:
        execution = Athena(self._target).run(
            self._sql(), workgroup=self._stack.workgroup, database=self._stack.database
        )
        for batch in open_result(self._target, execution).batches:
            columns = batch.to_pydict()
            for sensor, event_id, time, model, rescored, rows in zip(*columns.values(), strict=True):
                milliseconds = round(time.replace(tzinfo=UTC).timestamp() * 1000)
                account.deliver(
                    (sensor, event_key(milliseconds, event_id, model, rescored=rescored)), model, rows
                )

    def _sql(self) -> str:
        first, last = (datetime.fromtimestamp(at / 1000, UTC) for at in (self._range.first, self._range.last))
        columns = "sensor, event_id, event_time, model, rescored"
        # Each version of a model may have rescored an event once.
        return f"""
            SELECT {columns}, max(n) AS n FROM (
                SELECT sensor, event_id, event_time, model,
                       coalesce(rescored, false) AS rescored, count(*) AS n
                FROM predictions
                WHERE day >= '{first - _AHEAD:%Y-%m-%d}' AND NOT shadow
                  AND event_time BETWEEN {_literal(first)} AND {_literal(last)}
                GROUP BY {columns}, CASE WHEN rescored THEN version END
            ) GROUP BY {columns}
        """  # noqa: S608 (no value in it is from outside)


def _literal(time: datetime) -> str:
    return f"TIMESTAMP '{time:%Y-%m-%d %H:%M:%S}.{time.microsecond // 1000:03d}'"

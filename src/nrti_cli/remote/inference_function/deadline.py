"""The deadline of an execution: Step Functions ends an EXPRESS execution after 300 seconds.

Nothing catches that end, and the events of such an execution would be lost. So the function, which an
execution calls for each piece of work, begins none late: what is left then suffices for the longest way from
here to the dead letters. A test adds up the state machine's timeouts and pauses.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

#: Seconds from the start of the execution after which an endpoint in trouble is not waited for any more.
LENIENT_SECONDS = 50
#: After which no work begins.
LAST_SECONDS = 80


class OutOfTime(Exception):  # noqa: N818 (the state machine knows it by this name)
    """The execution has too little time left for another piece of work."""


def in_time(payload: Mapping[str, Any], now: datetime | None = None) -> Mapping[str, Any]:
    """The payload, made lenient if it is late.

    Args:
        payload: of the state machine, with `started_at`. It is missing in that of an execution which started
            before an update of the stack; then any time is early.
        now: the present time, by default.

    Raises:
        OutOfTime: it is too late.
    """
    if "started_at" not in payload:
        return payload
    started = datetime.fromisoformat(payload["started_at"])
    seconds = ((now or datetime.now(UTC)) - started).total_seconds()
    if seconds >= LAST_SECONDS:
        raise OutOfTime(
            f"the execution has run for {seconds:.0f} seconds; after {LAST_SECONDS}, it begins no work"
        )
    return {**payload, "lenient": True} if seconds >= LENIENT_SECONDS else payload

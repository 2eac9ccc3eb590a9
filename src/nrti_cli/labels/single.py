"""A single label, as options describe it."""

from __future__ import annotations

from datetime import datetime

import pyarrow as pa

from nrti_cli.errors import UsageError
from nrti_cli.events import require_event_id
from nrti_cli.labels.batch import Batch, batch


def single(
    event: str | None,
    sensor: str | None,
    at: datetime | None,
    start: datetime | None,
    end: datetime | None,
    label: int,
) -> Batch:
    """One label, for an event, or for a sensor at a time or from one time to another.

    Raises:
        UsageError: the options describe none of these, or more than one.
    """
    times = (at, start, end)
    label_ = pa.array([label])
    if event is not None:
        if sensor is not None or any(times):
            raise UsageError("--event names the event", hint="leave out --sensor and the times")
        _require_event_id(event)
        return batch("event", {"event_id": pa.array([event])}, label_)
    if sensor is None:
        raise UsageError("there is nothing to label", hint="name a file, or use --event ID, or --sensor NAME")
    if at is not None and start is None and end is None:
        return batch("time", _about(sensor, at, at), label_)
    if start is None or end is None or at is not None:
        raise UsageError("the times of a sensor's label are incomplete", hint="use --at, or --from and --to")
    if end < start:
        raise UsageError("--to is before --from", hint="exchange them")
    return batch("interval", _about(sensor, start, end), label_)


def _require_event_id(text: str) -> None:
    try:
        require_event_id(text)
    except ValueError as error:
        raise UsageError(str(error)) from error


def _about(sensor: str, start: datetime, end: datetime) -> dict[str, object]:
    times = (pa.array([round(time.timestamp() * 1000)], pa.timestamp("ms")) for time in (start, end))
    return {"sensor": pa.array([sensor]), **dict(zip(("start_time", "end_time"), times, strict=True))}

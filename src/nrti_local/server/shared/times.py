"""The current time, and the times in the answers of services."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from botocore.utils import parse_timestamp


def now() -> datetime:
    """The current time in UTC, by `time.time`: a test that moves that clock moves it for the whole server."""
    return datetime.fromtimestamp(time.time(), UTC)


def read_time(value: float | str) -> datetime:
    """Parses a time that a service writes as seconds since 1970 or as text.

    botocore converts each time to the machine's zone, a third of the work for a record of Kinesis.
    """
    if isinstance(value, str):
        return parse_timestamp(value)
    return datetime.fromtimestamp(value, UTC)

"""Reads the times in the answers of services."""

from __future__ import annotations

from datetime import UTC, datetime

from botocore.utils import parse_timestamp


def read_time(value: float | str) -> datetime:
    """The time that a service writes as seconds since 1970, or as a text.

    botocore turns each into the machine's own zone, which takes a third of the work on a record of Kinesis.
    """
    if isinstance(value, str):
        return parse_timestamp(value)
    return datetime.fromtimestamp(value, UTC)

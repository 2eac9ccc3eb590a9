"""Marks DynamoDB's own deletions of expired items in all streams."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar
from typing import Any

_SERVICE = "dynamodb.amazonaws.com"
_BY_SERVICE = ContextVar("by_service", default=False)


@contextlib.contextmanager
def by_service() -> Iterator[None]:
    """Marks the changes within the block as DynamoDB's own."""
    token = _BY_SERVICE.set(True)
    try:
        yield
    finally:
        _BY_SERVICE.reset(token)


def in_table_stream() -> dict[str, Any]:
    """The members that a record of a table's stream has besides, by the API of DynamoDB Streams."""
    return {"userIdentity": {"PrincipalId": _SERVICE, "Type": "Service"}} if _BY_SERVICE.get() else {}


def in_kinesis() -> dict[str, Any]:
    """The same for a record in a Kinesis stream."""
    return {"userIdentity": {"principalId": _SERVICE, "type": "Service"}} if _BY_SERVICE.get() else {}

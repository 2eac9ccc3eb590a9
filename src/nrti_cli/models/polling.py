"""Polls operations of SageMaker."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from botocore.exceptions import ClientError

from nrti_cli.aws.errors import is_throttled

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nrti_cli.aws.target import Target

T = TypeVar("T")
#: Sleeps for some seconds.
Sleep = Callable[[float], None]


def poll(read: Callable[[], T], target: Target, sleep: Sleep = time.sleep) -> Iterator[tuple[T, float]]:
    """Yields states until the caller stops, each with the seconds since the first.

    boto3's own waiters poll every 30 or 120 seconds, longer than anything takes locally. Throttling is
    ignored, since it does not affect the operation.
    """
    interval = 0.1 if target.name == "local" else 5.0
    began = time.monotonic()
    while True:
        try:
            state = read()
        except ClientError as error:
            if not is_throttled(error):
                raise
        else:
            yield state, time.monotonic() - began
        sleep(interval)

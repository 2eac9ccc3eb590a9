"""Looking again and again at something that SageMaker does in its own time."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nrti_cli.aws.target import Target

T = TypeVar("T")
#: Waits that many seconds.
Sleep = Callable[[float], None]


def looks(look: Callable[[], T], target: Target, sleep: Sleep = time.sleep) -> Iterator[T]:
    """States, one after another, until the caller has seen enough.

    boto3's own waiters look every 30 or 120 seconds, which is longer than everything takes locally.
    """
    interval = 0.2 if target.name == "local" else 5.0
    while True:
        yield look()
        sleep(interval)

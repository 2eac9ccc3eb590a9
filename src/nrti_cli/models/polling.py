"""Looking again and again at something that SageMaker does in its own time."""

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
#: Waits that many seconds.
Sleep = Callable[[float], None]


def looks(look: Callable[[], T], target: Target, sleep: Sleep = time.sleep) -> Iterator[tuple[T, float]]:
    """States, one after another, until the caller has seen enough, each with the seconds since the first.

    boto3's own waiters look every 30 or 120 seconds, which is longer than everything takes locally. What is
    waited for goes on while the service throttles, hence so do the looks.
    """
    interval = 0.1 if target.name == "local" else 5.0
    began = time.monotonic()
    while True:
        try:
            state = look()
        except ClientError as error:
            if not is_throttled(error):
                raise
        else:
            yield state, time.monotonic() - began
        sleep(interval)

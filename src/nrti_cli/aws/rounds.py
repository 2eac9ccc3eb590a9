"""Rounds of a batch call, for what a busy service has not processed; boto3 repeats only whole calls."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from nrti_cli.errors import NrtiError

_ROUNDS = 8


def rounds(resource: str, use: str, sleep: Callable[[float], None], pause: float = 0.1) -> Iterator[None]:
    """Yields before each round, until the caller has nothing left to send.

    Args:
        resource: the resource that is called, for the error, such as `table nrti-predictions`.
        use: what is tried, such as `read`.
        sleep: sleeps for some seconds.
        pause: after the first round, in seconds; it doubles.

    Raises:
        NrtiError: the service was too busy in all rounds.
    """
    for attempt in range(_ROUNDS):
        yield
        sleep(pause * 2**attempt)
    raise NrtiError(f"{resource} is too busy to be {use}", hint="run it again later")

"""Saying what is left behind when a command ends in the middle of something that SageMaker goes on with."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from nrti_cli.aws.errors import explain
from nrti_cli.errors import ExitStatus, NrtiError


@dataclass(frozen=True)
class Left:
    """What is left at a moment.

    Attributes:
        state: goes on the sentence "interrupted, ...".
        hint: how to take it up again.
    """

    state: str
    hint: str = ""


@contextmanager
def telling(left: Callable[[], Left]) -> Iterator[None]:
    """Adds what is left to an interruption, and to an error of AWS that came in between.

    Raises:
        NrtiError: either of them happened.
    """
    try:
        yield
    except NrtiError:
        raise
    except KeyboardInterrupt:
        now = left()
        raise NrtiError(
            f"interrupted, {now.state}", hint=now.hint, exit_status=ExitStatus.INTERRUPTED
        ) from None
    except Exception as error:
        explained = explain(error)
        if explained is None:
            raise
        now = left()
        hint = ", then ".join(filter(None, (explained.hint, now.hint)))
        raise NrtiError(f"{explained.message}, {now.state}", hint=hint) from error

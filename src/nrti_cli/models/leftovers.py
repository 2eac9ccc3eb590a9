"""Reports what is left behind when a command ends while SageMaker continues."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from nrti_cli.aws.errors import explain
from nrti_cli.errors import ExitStatus, NrtiError


@dataclass(frozen=True)
class Leftovers:
    """What is left behind at some point.

    Attributes:
        state: continues the sentence "interrupted, ...".
        hint: how to continue.
    """

    state: str
    hint: str = ""


@contextmanager
def reporting_leftovers(left: Callable[[], Leftovers]) -> Iterator[None]:
    """Adds what is left behind to an interrupt, and to an error of AWS.

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

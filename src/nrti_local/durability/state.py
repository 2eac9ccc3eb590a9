"""The state directory: looked at before it is used, restored at the start, saved by the moment."""

from __future__ import annotations

import contextlib
import logging
import os
from collections.abc import Callable, Iterator
from pathlib import Path

from nrti_local.durability.journal import Horizon, Journal, JournalError
from nrti_local.durability.saved import database
from nrti_local.durability.saved.database import SavedStateError
from nrti_local.durability.saved.items import CHANGES, Taken
from nrti_local.firehose.checkpoint import rewind

_logger = logging.getLogger(__name__)
#: Files of this name were the state before there was a database.
_EARLIER = "ministack/*.json"
#: The size of the smallest page of an SQLite database, in bytes.
_SMALLEST = 512


class CorruptStateError(Exception):
    """The state directory cannot be used as it is."""


class State:
    """The saved state of one embedded AWS, and the journal of what it does not hold yet.

    Args:
        directory: made if there is none. Everything in it is read once: what cannot be read must never be
            taken for empty.

    Raises:
        CorruptStateError: something cannot be read, or the directory cannot be written.
    """

    def __init__(self, directory: Path) -> None:
        self._database, self._delivery = directory / "services.db", directory / "delivery"
        try:
            directory.mkdir(parents=True, exist_ok=True)
            if any(directory.glob(_EARLIER)):
                raise CorruptStateError(f"the state in {directory} is of an earlier version")
            if not os.access(directory, os.W_OK):
                raise CorruptStateError(f"the state directory {directory} cannot be written")
            _check_size(self._database, directory / "journal.db")
            database.examine(self._database)
            with database.transaction(self._database) as db:
                saved = database.horizon(db)
            self.journal = Journal(directory / "journal.db", saved)
        except (SavedStateError, JournalError) as error:
            raise CorruptStateError(str(error)) from error
        except OSError as error:
            raise CorruptStateError(
                f"the state directory {directory} cannot be used ({error.strerror})"
            ) from error
        #: Which state machines the saved state has.
        self.machines: frozenset[object] = frozenset()
        self._requests: Callable[[], int] = int
        self._saved_version = (-1, -1)

    def restore(self, requests: Callable[[], int]) -> None:
        """Gives the services of this process the state that was saved.

        Args:
            requests: counts the requests that may have changed something; as long as it stays the same and no
                execution ends, there is nothing to save.
        """
        from nrti_local.durability.saved import (  # ministack reads the environment when imported
            machines,
            services,
        )

        with database.transaction(self._database) as db:
            rewind(self._delivery, services.read(db))
        self.machines = machines.machines()
        self._requests = requests

    @contextlib.contextmanager
    def moment(self, changed_only: bool) -> Iterator[Moment | None]:
        """The state of now, to be saved by a child that is forked inside the block.

        None while a stack is being worked on: after a kill nobody would go on with it.

        Args:
            changed_only: None too if nothing changed since the last one that was saved.
        """
        from nrti_local.durability.saved import machines

        version = (self._requests(), self.journal.ended)
        if (changed_only and version == self._saved_version) or machines.deploying():
            yield None
            return
        with self.journal.still() as horizon:
            yield Moment(self, version, horizon)


def _check_size(*paths: Path) -> None:
    """SQLite takes a file that is too short for its header for a new one."""
    for path in paths:
        if path.exists() and 0 < path.stat().st_size < _SMALLEST:
            raise CorruptStateError(f"the saved state {path} cannot be used (file is not a database)")


class Moment:
    """A state as the memory holds it at a fork."""

    def __init__(self, state: State, version: tuple[int, int], horizon: Horizon) -> None:
        from nrti_local.durability.saved import machines

        self._state = state
        self._version = version
        self._horizon = horizon
        self._machines = machines.machines()
        self._taken: Taken = CHANGES.take()
        self._server = os.getpid()

    def write(self) -> None:
        """Saves it; in a child that ends then."""
        from nrti_local.durability.saved import services

        with database.transaction(self._state._database) as db:  # noqa: SLF001 (of the same module)
            if os.getppid() != self._server:
                raise SavedStateError("the server has gone, and the next one may have read the state already")
            services.write(db, self._taken)
            database.set_horizon(db, self._horizon)

    def over(self, *, saved: bool) -> None:
        """Goes on from it, or takes its changes back."""
        if not saved:
            CHANGES.give_back(self._taken)
            return
        self._state._saved_version = self._version  # noqa: SLF001
        self._state.machines = self._machines
        self._state.journal.forget(self._horizon)

"""The state directory: checked and restored at the start, and saved by snapshots."""

from __future__ import annotations

import contextlib
import logging
import os
from collections.abc import Callable, Iterator
from pathlib import Path

from nrti_local.durability.changes import CHANGES, Taken
from nrti_local.durability.journal import Horizon, Journal, JournalError
from nrti_local.durability.saved import database
from nrti_local.durability.saved.database import SavedStateError
from nrti_local.firehose.checkpoint import rewind

_logger = logging.getLogger(__name__)
#: Files of this name were the state before there was a database.
_EARLIER = "ministack/*.json"
#: The size of the smallest page of an SQLite database, in bytes.
_SMALLEST = 512


class CorruptStateError(Exception):
    """The state directory cannot be used as it is."""


class State:
    """The saved state of one embedded AWS, and the journal of the executions that it does not contain yet.

    Args:
        directory: created if it does not exist. All of it is read once, so that an unreadable state is never
            mistaken for an empty one.

    Attributes:
        database: the path of the saved state.
        journal: of accepted executions.
        machines: the identities of the state machines in the saved state.

    Raises:
        CorruptStateError: the state cannot be read, or the directory cannot be written.
    """

    def __init__(self, directory: Path) -> None:
        self.database, self._delivery = directory / "services.db", directory / "delivery"
        try:
            directory.mkdir(parents=True, exist_ok=True)
            if any(directory.glob(_EARLIER)):
                raise CorruptStateError(f"the state in {directory} is of an earlier version")
            if not os.access(directory, os.W_OK):
                raise CorruptStateError(f"the state directory {directory} cannot be written")
            _check_size(self.database, directory / "journal.db")
            database.examine(self.database)
            with database.transaction(self.database) as db:
                saved = database.horizon(db)
            self.journal = Journal(directory / "journal.db", saved)
        except (SavedStateError, JournalError) as error:
            raise CorruptStateError(str(error)) from error
        except OSError as error:
            raise CorruptStateError(
                f"the state directory {directory} cannot be used ({error.strerror})"
            ) from error
        self.machines: frozenset[object] = frozenset()
        self._requests: Callable[[], int] = int
        self._saved_version = (-1, -1)

    def restore(self, requests: Callable[[], int]) -> None:
        """Restores the saved state into the services of this process.

        Args:
            requests: the number of requests that may have changed the state; while it stays the same and no
                execution ends, there is nothing to save.
        """
        from nrti_local.durability.saved import (  # ministack reads the environment when imported
            machines,
            services,
        )

        with database.transaction(self.database) as db:
            rewind(self._delivery, services.read(db))
        self.machines = machines.machines()
        self._requests = requests

    @contextlib.contextmanager
    def moment(self, changed_only: bool) -> Iterator[Moment | None]:
        """The current state, for a child that is forked inside the block and saves it.

        None while a stack is being deployed: nothing would continue the deployment after a kill.

        Args:
            changed_only: None also if nothing changed since the last state that was saved.
        """
        from nrti_local.durability.saved import machines

        version = (self._requests(), self.journal.ended)
        if (changed_only and version == self._saved_version) or machines.deploying():
            yield None
            return
        with self.journal.still() as horizon:
            yield Moment(self, version, horizon)

    def saved(self, version: tuple[int, int], machines: frozenset[object], horizon: Horizon) -> None:
        """Notes what the saved state contains, after a snapshot."""
        self._saved_version, self.machines = version, machines
        self.journal.forget(horizon)


def _check_size(*paths: Path) -> None:
    """Refuses a file that is too short for SQLite's header, which SQLite would take for a new database."""
    for path in paths:
        if path.exists() and 0 < path.stat().st_size < _SMALLEST:
            raise CorruptStateError(f"the saved state {path} cannot be used (file is not a database)")


class Moment:
    """The state in memory at a fork."""

    def __init__(self, state: State, version: tuple[int, int], horizon: Horizon) -> None:
        from nrti_local.durability.saved import machines

        self._state = state
        self._version = version
        self._horizon = horizon
        self._machines = machines.machines()
        self._taken: Taken = CHANGES.take()
        self._server = os.getpid()

    def write(self) -> None:
        """Saves it; in a child that ends afterwards."""
        from nrti_local.durability.saved import services

        with database.transaction(self._state.database) as db:
            if os.getppid() != self._server:
                raise SavedStateError("the server ended, and the next one may have read the state already")
            services.write(db, self._taken)
            database.set_horizon(db, self._horizon)

    def over(self, *, saved: bool) -> None:
        """Continues from this state if it was saved; otherwise keeps its changes for the next snapshot."""
        if saved:
            self._state.saved(self._version, self._machines, self._horizon)
        else:
            CHANGES.give_back(self._taken)

"""Accepts EXPRESS executions: writes them to the journal and queues them.

An execution that another one starts is not written. The one that started it stays open in the journal until
both are over: a restart runs that one again, and it starts the other one again.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Collection
from concurrent.futures import Future
from contextvars import ContextVar

from ministack.core.responses import request_scope

from nrti_local.durability.journal import Entry, Journal
from nrti_local.stepfunctions import machines
from nrti_local.stepfunctions.execution import Execution
from nrti_local.stepfunctions.lanes import Lane, lane
from nrti_local.stepfunctions.machines import Machine
from nrti_local.stepfunctions.scheduler import ClosedError

_logger = logging.getLogger(__name__)
#: The number of executions that are not in a journal.
_UNWRITTEN = 0
#: The number of the current execution, or of the one that led to it.
_number: ContextVar[int] = ContextVar("number", default=_UNWRITTEN)


class Acceptance:
    """Accepts executions; without a journal they are only queued."""

    def __init__(self) -> None:
        self._journal: Journal | None = None
        self._saved: Callable[[], Collection[object]] = tuple
        self._save: Callable[[], Awaitable[bool]] | None = None
        self._resumed: list[Future[None]] = []
        #: How many executions with a number are not over.
        self._open: Counter[int] = Counter()

    def use(
        self, journal: Journal, saved: Callable[[], Collection[object]], save: Callable[[], Awaitable[bool]]
    ) -> None:
        """Writes all further executions to a journal.

        Args:
            journal: that they are written to.
            saved: returns the state machines of the saved state, as `identity` distinguishes them.
            save: saves the present state, and returns whether it did.
        """
        self._journal, self._saved, self._save = journal, saved, save

    def resume(self) -> None:
        """Runs the executions again that were not over when the last server ended."""
        if self._journal:
            for number, entry in self._journal.unfinished.items():
                self._resume(self._journal, number, entry)

    def replay(self) -> tuple[int, int]:
        """Of the executions that are run again, the number that are over, and the number of all."""
        return sum(future.done() for future in self._resumed), len(self._resumed)

    async def covers(self, machine: Machine) -> bool:
        """Makes sure that the saved state has a state machine: without it a restart could run nothing."""
        if self._save is None or machine.identity in self._saved():
            return True
        await self._save()
        return machine.identity in self._saved()

    def accept(self, entry: Entry) -> tuple[int, Future[None] | None]:
        """Writes an execution to the journal, unless another execution starts it.

        Returns:
            Its number, for `run`, and a future that is done when it is on the disk; None if it is not
            written.
        """
        if entry.nested:
            return _number.get(), None
        return self._journal.append(entry) if self._journal else (_UNWRITTEN, None)

    def run(self, number: int, execution: Execution) -> Future[None]:
        """Queues an execution that was accepted, in the account and region of this request.

        Raises:
            ClosedError: the server is shutting down.
        """
        size, where = len(execution.entry.input), lane(nested=execution.entry.nested)
        where.load.add(size)
        self._open[number] += 1

        async def run() -> None:
            _number.set(number)
            await execution.run()
            self._end(number, size, where)

        try:
            return where.scheduler.submit(run)
        except ClosedError:
            self._end(number, size, where)  # its caller sends it again
            raise

    def _end(self, number: int, size: int, where: Lane) -> None:
        where.load.remove(size)
        self._open[number] -= 1
        if not self._open[number]:
            del self._open[number]
            if self._journal:
                self._journal.end(number)

    def _resume(self, journal: Journal, number: int, entry: Entry) -> None:
        with request_scope(entry.account, entry.region):
            machine = machines.find(entry.machine)
            if machine is None:
                _logger.warning("%s is dropped: its state machine has been deleted", entry.execution)
                journal.end(number)
                return
            self._resumed.append(self.run(number, Execution(machine, entry)))


ACCEPTANCE = Acceptance()

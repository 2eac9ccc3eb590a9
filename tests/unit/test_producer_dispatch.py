"""What a full disk makes of a run: it ends with one reason, which names the file."""

from __future__ import annotations

import asyncio
import errno
import gc
import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from nrti_cli.events import Event
from nrti_cli.ledger import Ledger
from nrti_cli.producer.client import Answer
from nrti_cli.producer.dispatch import Dispatcher
from nrti_cli.producer.sender import Backoff
from nrti_cli.producer.statistics import Statistics
from nrti_cli.producer.unsent import Unsent
from tests.unit.test_producer_sender import Script

EVENT: Event = {"sensor": "s", "model": "m", "data": [1]}


class Silent:
    """Takes reports, and shows nothing."""

    def settled(self, events: Sequence[Event], answer: Answer, latency: float) -> None:
        """A request is over."""

    def retrying(self, answer: Answer) -> None:
        """A request is sent again."""

    def refused(self, answer: Answer) -> None:
        """Events were not accepted."""


def test_a_ledger_on_a_full_disk_ends_the_run_with_its_name_and_nothing_else(tmp_path: Path) -> None:
    path, said = tmp_path / "ledger.jsonl", []

    async def run() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _, context: said.append(context))
        ledger = Ledger(path)
        os.dup2(os.open("/dev/full", os.O_WRONLY), ledger._accepted)
        backoff = Backoff(first=0.001, longest=0.002, give_up_after=1)
        unsent = Unsent(tmp_path / "unsent.jsonl")
        dispatcher = Dispatcher(
            Script(202),
            backoff,
            10,
            statistics=Statistics(),
            unsent=unsent,
            observer=Silent(),
            ledger=ledger,
        )
        for _ in range(3):
            await dispatcher.place(1)
            dispatcher.launch([dict(EVENT)], 0.0)
        with pytest.raises(OSError, match="No space left on device") as raised:
            await dispatcher.drain()
        assert (raised.value.errno, raised.value.filename) == (errno.ENOSPC, str(path))

    asyncio.run(run())
    gc.collect()

    assert not said

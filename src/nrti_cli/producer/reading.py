"""Events from a file or standard input."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import cycle

from nrti_cli.errors import NrtiError
from nrti_cli.events import Event
from nrti_cli.producer.records import events_of
from nrti_cli.producer.sources import Defaults
from nrti_cli.tables.faults import fault
from nrti_cli.tables.reader import opened


def check(name: str, defaults: Defaults, on_block: Callable[[float | None], None] = lambda _: None) -> int:
    """Counts the events of a file, having looked at every row before the first one is sent.

    Args:
        name: of the file.
        defaults: of the events.
        on_block: hears now and then how much of the file was read, 0 to 1.

    Raises:
        NrtiError: as `read_events`; or there are no events.
    """
    events = sum(1 for _ in read_events(name, defaults, on_block))
    if not events:
        raise NrtiError(f"{name} holds no events", hint="name a file of JSON lines, CSV or parquet")
    return events


def read_events(
    name: str, defaults: Defaults, on_block: Callable[[float | None], None] = lambda _: None
) -> Iterator[Event]:
    """Reads a file, or standard input if the name is `-`; only ever a block of it is in memory.

    An event of a pipe is there as soon as its line is.

    Raises:
        NrtiError: the file cannot be read, or a row is not an event; it names the line.
    """
    # By turns, not by chance: a file that is sent again has the same keys, and is stored once.
    sensors = cycle(defaults.sensors)
    with opened(name) as table:
        for block in table.blocks:
            for row, (event, sensor) in enumerate(zip(events_of(table, block), sensors, strict=False)):
                if problem := defaults.complete(event, sensor):
                    raise fault(block.place(row), problem)
                yield event
            on_block(table.share())

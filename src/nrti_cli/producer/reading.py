"""Reads events from a file or standard input."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import cycle

from nrti_cli.events import Event
from nrti_cli.producer.records import Placed, Remark, events_of, holds_events
from nrti_cli.producer.sources import Defaults
from nrti_cli.tables.faults import MissingValue, fault, unfit
from nrti_cli.tables.formats.blocks import Block, Table
from nrti_cli.tables.layout import PLAIN, Layout
from nrti_cli.tables.reader import opened

_HINT = "correct the file"
OnBlock = Callable[[float | None], None]


def _unheard(_: object) -> None:
    """Ignores remarks."""


def check(
    name: str,
    defaults: Defaults,
    on_block: OnBlock = _unheard,
    layout: Layout = PLAIN,
    remark: Remark = _unheard,
) -> int:
    """Checks every row of a file before the first event is sent; returns the number of events.

    Args:
        name: of the file.
        defaults: of the events.
        on_block: called with the share that was read, 0 to 1.
        layout: the format of the file.
        remark: called with a text about skipped data.

    Raises:
        NrtiError: as `read_events`.
    """
    try:
        return sum(1 for _ in read_events(name, defaults, on_block, layout, remark))
    except MissingValue as error:
        from nrti_cli.tables.missing import counted

        raise counted(error, name, layout) from None


def read_events(
    name: str,
    defaults: Defaults,
    on_block: OnBlock = _unheard,
    layout: Layout = PLAIN,
    remark: Remark = _unheard,
) -> Iterator[Event]:
    """Reads a file, or standard input if the name is `-`; only one block of it is in memory at a time.

    An event of a pipe is available as soon as its line is, or the last line of its window. The windows of a
    file are cut after all of it was read.

    Raises:
        NrtiError: the file cannot be read, a row is not an event, and then the message names the line; or
            there are no events.
    """
    # In turn, not at random: a file that is sent again has the same keys, and is stored once.
    sensors = cycle(defaults.sensors)
    with opened(name, layout.form) as table:
        heard = replace(table, blocks=_heard(table, on_block))
        hint = _HINT if holds_events(table, layout) else f"{_HINT}, or choose its values with --features"
        event = None
        for (event, place), sensor in zip(_placed(heard, defaults, layout, remark), sensors, strict=False):
            if problem := defaults.complete(event, sensor):
                raise fault(place(), problem, hint)
            yield event
        if event is None:
            raise unfit(table.shown, "has no events", "use a file of JSON lines, CSV or parquet")


def _heard(table: Table, on_block: OnBlock) -> Iterator[Block]:
    for block in table.blocks:
        yield block
        on_block(table.share())


def _placed(table: Table, defaults: Defaults, layout: Layout, remark: Remark) -> Placed:
    if not layout.schema.window or holds_events(table, layout):
        return events_of(table, layout, remark)
    if table.share() is None:
        from nrti_cli.producer.live_windows import live_windows as windows
    else:
        from nrti_cli.producer.window_events import window_events as windows
    return windows(table, layout, defaults.sensors[0], remark)

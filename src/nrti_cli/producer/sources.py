"""Where events come from: drawn at random, or read from a file or standard input."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, cycle
from pathlib import Path
from random import Random
from typing import Any, TextIO

from nrti_cli.errors import NrtiError
from nrti_cli.events import Event, defect
from nrti_cli.producer.formats import MalformedLineError, csv_rows, json_lines

STDIN = "-"


@dataclass(frozen=True)
class Defaults:
    """What an event gets when it does not say so itself.

    Attributes:
        model: None when there is none to choose, so that each event has to name its own.
        length: how many numbers that model takes, None if unknown.
        sensors: one of them is drawn for each random event; those of a file take them by turns.
        seed: draws the same random events again; None for new ones.
    """

    model: str | None
    length: int | None
    sensors: Sequence[str]
    seed: int | None

    def complete(self, event: dict[str, Any], sensor: str) -> str | None:
        """Fills in what an event lacks; returns what is wrong with it, or None."""
        event.setdefault("sensor", sensor)
        names_model = "model" in event
        if self.model is not None:
            event.setdefault("model", self.model)
        problem = defect(event)
        if problem is None and not names_model and self.length not in (None, len(event["data"])):
            return f"{len(event['data'])} numbers, and the model {self.model} takes {self.length}"
        return problem


def random_events(defaults: Defaults) -> Iterator[Event]:
    """Without end: sequences of integers from 0 to 99, as in the demo's rule."""
    rng = Random(defaults.seed)  # noqa: S311 (no secret)
    while True:
        yield {
            "sensor": rng.choice(defaults.sensors),
            "model": defaults.model,
            "data": [rng.randrange(100) for _ in range(defaults.length or 0)],
        }


def is_live(name: str) -> bool:
    """Whether the input comes from somebody who may still be writing it: a pipe or a terminal."""
    return name == STDIN or (Path(name).exists() and not Path(name).is_file())


def check(name: str, defaults: Defaults) -> int:
    """Counts the events of a file, having looked at every line before the first one is sent.

    Raises:
        NrtiError: as `read_events`; or there are no events.
    """
    events = sum(1 for _ in read_events(name, defaults))
    if not events:
        raise NrtiError(f"{name} holds no events", hint="name a file of JSON lines or CSV")
    return events


def read_events(name: str, defaults: Defaults) -> Iterator[Event]:
    """Reads a file, or standard input if the name is `-`; only ever one line of it is in memory.

    What starts with a brace is JSON lines, one event each. Everything else is CSV with a header: the columns
    `sensor`, `model`, `timestamp` (epoch milliseconds or ISO 8601), `id` or `event_id` go to these fields, a
    column `event` (the label) is ignored, and the others are the numbers of the sequence in their order.

    Raises:
        NrtiError: the file cannot be read, or a line is not an event; it names the line.
    """
    shown = "standard input" if name == STDIN else name
    try:
        with _open(name) as file:
            yield from _events(file, defaults)
    except MalformedLineError as error:
        raise NrtiError(f"{shown}, {error}", hint="correct the line") from error
    except UnicodeDecodeError as error:
        raise NrtiError(f"{shown} is not UTF-8 text", hint="convert it") from error
    except OSError as error:
        raise NrtiError(f"{shown} cannot be read ({error.strerror})", hint="name a readable file") from error


def _open(name: str) -> TextIO:
    # A second object on standard input: the thread that waits in it must not hold the lock of sys.stdin,
    # which the interpreter takes when it ends.
    file = os.dup(sys.stdin.fileno()) if name == STDIN else Path(name)
    return open(file, encoding="utf-8-sig", newline="")  # noqa: PTH123 (it may be a file descriptor)


def _events(file: TextIO, defaults: Defaults) -> Iterator[Event]:
    first = next(file, "")
    read = json_lines if first.lstrip().startswith("{") else csv_rows
    # By turns, not by chance: a file that is sent again has the same keys, and is stored once.
    rows = zip(cycle(defaults.sensors), read(chain([first] if first else [], file)), strict=False)
    for sensor, (line, event) in rows:
        problem = defaults.complete(event, sensor)
        if problem:
            raise MalformedLineError(line, problem)
        yield event

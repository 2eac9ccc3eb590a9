"""Default values of events, and randomly generated events."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from nrti_cli.counts import show_count
from nrti_cli.events import Event, defect
from nrti_cli.sequences import size


@dataclass(frozen=True)
class Defaults:
    """Default values for the fields of events.

    Attributes:
        model: None if there is none, so that each event has to name its own.
        length: of the model's sequences, None if unknown.
        sensors: random events draw one of them; events of a file take them in turn.
        seed: repeats the same random events; None for new ones.
        rescore: whether the current version of the model scores events again that an earlier one scored.
    """

    model: str | None
    length: int | None
    sensors: Sequence[str]
    seed: int | None
    rescore: bool = False

    def complete(self, event: dict[str, Any], sensor: str) -> str | None:
        """Completes an event; returns what is wrong with it, or None."""
        event.setdefault("sensor", sensor)
        if self.rescore:
            event["rescore"] = True
        names_model = "model" in event
        if self.model is not None:
            event.setdefault("model", self.model)
        problem = defect(event)
        if problem is None and not names_model and self.length not in (None, count := size(event["data"])):
            return f"{show_count(count, 'number')}, but the model {self.model} takes {self.length}"
        return problem


def random_events(defaults: Defaults) -> Iterator[Event]:
    """Generates sequences of integers from 0 to 99, without end, by the rule of the demo data."""
    rng = Random(defaults.seed)  # noqa: S311 (not a secret)
    while True:
        yield {
            "sensor": rng.choice(defaults.sensors),
            "model": defaults.model,
            "data": [rng.randrange(100) for _ in range(defaults.length or 0)],
        }

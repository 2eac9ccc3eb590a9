"""What events get that do not say it themselves, and events that are drawn at random."""

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
    """What an event gets when it does not say so itself.

    Attributes:
        model: None when there is none to choose, so that each event has to name its own.
        length: how many numbers that model takes, None if unknown.
        sensors: one of them is drawn for each random event; those of a file take them by turns.
        seed: draws the same random events again; None for new ones.
        rescore: whether a new version of the model scores events again that a former one has scored.
    """

    model: str | None
    length: int | None
    sensors: Sequence[str]
    seed: int | None
    rescore: bool = False

    def complete(self, event: dict[str, Any], sensor: str) -> str | None:
        """Fills in what an event lacks; returns what is wrong with it, or None."""
        event.setdefault("sensor", sensor)
        if self.rescore:
            event["rescore"] = True
        names_model = "model" in event
        if self.model is not None:
            event.setdefault("model", self.model)
        problem = defect(event)
        if problem is None and not names_model and self.length not in (None, count := size(event["data"])):
            return f"{show_count(count, 'number')}, and the model {self.model} takes {self.length}"
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

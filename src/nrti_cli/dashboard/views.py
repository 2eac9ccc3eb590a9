"""Renders for a browser the buckets that changed since its last request."""

from __future__ import annotations

import json
import time
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nrti_cli.dashboard.cells import Cell, Series
from nrti_cli.dashboard.rings import WIDTHS
from nrti_cli.dashboard.sequence import outline

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from nrti_cli.dashboard.rings import Rings
    from nrti_cli.tail import Stored

#: The failures that are kept, and that a browser gets at most.
KEPT_FAILURES, SHOWN_FAILURES = 200, 50
#: Counting sensors and models may take this share of a core.
_COUNTING_SHARE = 0.005


@dataclass(frozen=True)
class Choice:
    """What a browser shows.

    Attributes:
        period: in seconds, one of `WIDTHS`.
        sensors: None for all.
        model: None for all.
    """

    period: int
    sensors: frozenset[str] | None = None
    model: str | None = None

    @property
    def width(self) -> int:
        """Seconds of a bucket."""
        return WIDTHS[self.period]

    def has(self, sensor: str, model: str) -> bool:
        """Whether a prediction belongs to it."""
        return (self.sensors is None or sensor in self.sensors) and self.model in (None, model)


class Views:
    """Makes answers of the rings; those that several browsers ask for are made once.

    Args:
        rings: that count.
    """

    def __init__(self, rings: Rings) -> None:
        self._rings = rings
        #: With the version of the rings, as JSON: a text is one object instead of thirty (see rings.py).
        self._failures: deque[tuple[int, str]] = deque(maxlen=KEPT_FAILURES)
        #: By period: when they are counted again, by the monotonic clock, and the last count.
        self._totals: dict[int, tuple[float, dict[str, Any]]] = {}

    def add_failures(self, failures: Iterable[tuple[str, Stored]]) -> None:
        """Keeps the latest failures, each with the key of its item, as of the version of the rings."""
        version = self._rings.version
        self._failures.extend((version, json.dumps(_drawn(key, failure))) for key, failure in failures)

    def add_former_failures(self, failures: Iterable[tuple[str, Stored]]) -> None:
        """Keeps failures from before those of the stream as well, those that are not known yet."""
        self._rings.version += 1
        kept = [(version, json.loads(text)) for version, text in self._failures]
        known = {(failure["sensor"], failure["key"]) for _, failure in kept}
        new = [
            (self._rings.version, _drawn(key, failure))
            for key, failure in failures
            if (failure.prediction.sensor, key) not in known
        ]
        ordered = sorted([*new, *kept], key=lambda one: one[1]["predicted_at"])[-KEPT_FAILURES:]
        self._failures.clear()
        self._failures.extend((version, json.dumps(failure)) for version, failure in ordered)

    def buckets(self, choice: Choice, after: int, now: int) -> list[dict[str, Any]]:
        """The buckets that changed after a version, each as a whole: to merge them twice does no harm.

        Args:
            choice: of the browser.
            after: a version, -1 for all.
            now: in epoch seconds.
        """
        changed = self._rings.changed(choice.width, after, now - choice.period)
        return [_bucket(second, cells, choice) for second, cells in changed]

    def totals(self, choice: Choice, now: int) -> dict[str, Any]:
        """The sensors and models of the period with their counts, whatever is chosen of them.

        They are as old as a second, or older if counting takes long: there may be thousands of cells.
        """
        again, found = self._totals.get(choice.period, (0.0, {}))
        began = time.monotonic()
        if began >= again:
            found = self._count(choice, now)
            taken = time.monotonic() - began
            self._totals[choice.period] = began + max(1.0, taken / _COUNTING_SHARE), found
        return found

    def _count(self, choice: Choice, now: int) -> dict[str, Any]:
        sensors: dict[str, list[int]] = {}
        models: dict[str, int] = {}
        for second, found in self._rings.counts(choice.width, now - choice.period):
            for series, count, failures in found:
                counts = sensors.setdefault(series.sensor, [0, 0, 0])
                counts[0] += count
                counts[1] += failures
                counts[2] = second + choice.width
                models[series.model] = models.get(series.model, 0) + count
        return {"sensors": sensors, "models": models}

    def failures(self, choice: Choice, after: int) -> list[dict[str, Any]]:
        """The latest failures after a version, newest first."""
        found: list[dict[str, Any]] = []
        for version, text in reversed(self._failures):
            if len(found) == SHOWN_FAILURES:
                break
            if version > after:
                failure = json.loads(text)
                if choice.has(failure["sensor"], failure["model"]):
                    found.append(failure)
        return found


def _drawn(key: str, failure: Stored) -> dict[str, Any]:
    """A failure as the list draws it: of a long sequence only the outline."""
    found = record(failure)
    drawn = outline(found["data"], found["channels"])
    return {**found, "key": key, "data": drawn, "numbers": len(found["data"])}


def _bucket(second: int, cells: Iterable[tuple[Series, Cell]], choice: Choice) -> dict[str, Any]:
    total = Cell()
    sensors: dict[str, int] = {}
    models: dict[tuple[str, str], list[int]] = {}
    for series, cell in cells:
        if not choice.has(series.sensor, series.model):
            continue
        total.merge(cell)
        if cell.failures:
            sensors[series.sensor] = sensors.get(series.sensor, 0) + cell.failures
        counts = models.setdefault((series.model, series.version), [0, 0, 0])
        counts[0] += cell.count
        counts[1] += cell.failures
        counts[2] |= bool(cell.probability)
    return {
        "at": second,
        "count": total.count,
        "failures": total.failures,
        "sensors": sensors,
        "models": [[*model, *counts] for model, counts in models.items()],
        "probability": total.probability,
        "latency": total.latency,
    }


def record(failure: Stored) -> dict[str, Any]:
    """A prediction for the page; times are epoch milliseconds."""
    fields: Mapping[str, Any] = vars(failure.prediction)
    times = {
        name: round(fields[name].timestamp() * 1000) for name in ("timestamp", "received_at", "predicted_at")
    }
    return {**fields, **times, "latency": times["predicted_at"] - times["timestamp"]}

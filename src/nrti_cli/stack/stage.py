"""The state of a stage of the pipeline, and how times are put in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal

from nrti_cli.durations import show_duration

Figures = Mapping[str, int | float | str | None]
State = Literal["ok", "idle", "warn", "failed"]
#: How far back requests, executions and records count.
SPAN = timedelta(minutes=15)
SPAN_TEXT = "the last 15 minutes"


@dataclass(frozen=True)
class Stage:
    """A stage of the pipeline.

    Attributes:
        name: such as `API`.
        state: `idle` for no traffic, `warn` if it needs attention, `failed` if it does not work.
        reason: a short description.
        figures: on which the state is based.
    """

    name: str
    state: State
    reason: str
    figures: Figures = field(default_factory=dict)


def ago(seconds: float) -> str:
    """Such as `3 min ago`."""
    return f"{show_duration(max(seconds, 0))} ago"

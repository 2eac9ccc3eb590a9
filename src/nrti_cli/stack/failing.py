"""Recent failures of models, from the log of the inference function, without invoking any model."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nrti_cli.aws.cloudwatch.log_events import LogGroup
from nrti_cli.stack.names import log_groups

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from nrti_cli.aws.cloudwatch.log_events import Logged
    from nrti_cli.aws.target import Target

#: The error of an endpoint whose response cannot be read.
UNREADABLE = "BadAnswer"
_FIELD = "failing_models"
#: A long log is not read to its end: a failing model appears in it soon.
_PAGES = 10


@dataclass(frozen=True)
class Failure:
    """A request that a model failed to score: the inference function's error and its time."""

    endpoint: str
    error: str
    at: datetime


def failures(target: Target, since: datetime) -> list[Failure]:
    """The failures that the inference function has logged since then, oldest first; not all of a long log."""
    log = LogGroup(target, log_groups(target.stack)["inference"])
    lines = log.since(since, _FIELD, most_pages=_PAGES)
    return [failure for line in lines for failure in _read(line, target.stack)]


def _read(line: Logged, stack: str) -> Iterator[Failure]:
    """The failures in a line of the log; lines that only mention them, such as a traceback, have none."""
    try:
        failing = json.loads(line.message)[_FIELD]
        for model, error in failing.items():
            yield Failure(f"{stack}-{model}", str(error), line.at)
    except (ValueError, TypeError, LookupError, AttributeError):
        return

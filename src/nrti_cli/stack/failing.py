"""Which models failed lately to judge events, as the inference function logs it: no model has to be asked."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nrti_cli.aws.logevents import LogGroup
from nrti_cli.stack.names import log_groups

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from nrti_cli.aws.logevents import Logged
    from nrti_cli.aws.target import Target

#: The error of an endpoint that is there but does not answer as a model of nrti does.
UNREADABLE = "BadAnswer"
_FIELD = "failing_models"
#: A busy log is read no further: of a model that fails there is soon a line.
_PAGES = 10


@dataclass(frozen=True)
class Failure:
    """A request that a model failed to judge, with the inference function's error and when it was logged."""

    endpoint: str
    error: str
    at: datetime


def failures(target: Target, since: datetime) -> list[Failure]:
    """What the inference function has logged since then, the oldest first; in a busy log not all of it."""
    log = LogGroup(target, log_groups(target.stack)["inference"])
    lines = log.since(since, _FIELD, most_pages=_PAGES)
    return [failure for line in lines for failure in _read(line, target.stack)]


def _read(line: Logged, stack: str) -> Iterator[Failure]:
    """The failures in a line; none in one that only mentions them, such as a traceback."""
    try:
        failing = json.loads(line.message)[_FIELD]
        for model, error in failing.items():
            yield Failure(f"{stack}-{model}", str(error), line.at)
    except (ValueError, TypeError, LookupError, AttributeError):
        return

"""Names in SageMaker that mean something, without its client: most commands need no more."""

from __future__ import annotations

import re

_TRIAL = re.compile(r".*-\d{17}")


def is_trial(endpoint: str) -> bool:
    """Whether an endpoint is temporary, there to try a version before its model's own endpoint serves it."""
    return _TRIAL.fullmatch(endpoint) is not None

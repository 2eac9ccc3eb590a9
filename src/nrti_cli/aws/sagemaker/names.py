"""Names with a meaning in SageMaker; separate from its client, which most commands do not need."""

from __future__ import annotations

import re

_TRIAL = re.compile(r".*-\d{17}")


def is_trial(endpoint: str) -> bool:
    """Whether an endpoint is temporary: it tests a version before the model's own endpoint serves it."""
    return _TRIAL.fullmatch(endpoint) is not None

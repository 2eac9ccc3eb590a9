"""Names of what SageMaker keeps per training or publication, and the tags that tell whose it is."""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime

from nrti_cli.stack.names import endpoint_name

STACK_TAG = "nrti:stack"
MODEL_TAG = "nrti:model"

#: SageMaker's limit of 63 less a hyphen and the 17 digits of a time in milliseconds.
_LONGEST_BASE = 45


def resource_name(stack: str, model: str, at: datetime | None = None) -> str:
    """A new name for a job, a model or an endpoint configuration, `<stack>-<model>-<time>`."""
    moment = (at or datetime.now(UTC)).strftime("%Y%m%d%H%M%S%f")[:17]
    return f"{base_name(stack, model)}-{moment}"


def base_name(stack: str, model: str) -> str:
    """What the names of a model's resources have in common; long names end in a hash to stay apart."""
    name = endpoint_name(stack, model)
    if len(name) <= _LONGEST_BASE:
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:8]
    return f"{name[: _LONGEST_BASE - 9].rstrip('-')}-{digest}"


def is_resource_of(name: str, stack: str, model: str) -> bool:
    """Whether a name was made by `resource_name` for this model, and not for one whose name is longer."""
    return re.fullmatch(rf"{re.escape(base_name(stack, model))}-\d{{17}}", name) is not None


def variant_name(name: str, *, declared: bool = False) -> str:
    """The production variant of a publication, by which SageMaker names its version in every answer.

    The inference function reads the time of the publication off it, and whether anything is declared about
    the model's answers.
    """
    return f"{'s' if declared else 'v'}{name[-17:]}"


def tags(stack: str, model: str) -> dict[str, str]:
    """The tags of everything that belongs to a model."""
    return {STACK_TAG: stack, MODEL_TAG: model}

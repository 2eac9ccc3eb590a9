"""Names of the SageMaker resources of trainings and publications, and the tags that identify their owner."""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime

from nrti_cli.stack.names import endpoint_name

STACK_TAG = "nrti:stack"
MODEL_TAG = "nrti:model"

#: SageMaker's limit of 63, minus a hyphen and the 17 digits of a time in milliseconds.
_LONGEST_BASE = 45


def resource_name(stack: str, model: str, at: datetime | None = None) -> str:
    """A new name for a job, a model or an endpoint configuration: `<stack>-<model>-<time>`."""
    moment = (at or datetime.now(UTC)).strftime("%Y%m%d%H%M%S%f")[:17]
    return f"{base_name(stack, model)}-{moment}"


def published_at(name: str) -> datetime:
    """When a configuration was published, by the name that `resource_name` made."""
    return datetime.strptime(f"{name[-17:]}000", "%Y%m%d%H%M%S%f").replace(tzinfo=UTC)


def base_name(stack: str, model: str) -> str:
    """The common prefix of the names of a model's resources; a long one is shortened and ends in a hash."""
    name = endpoint_name(stack, model)
    if len(name) <= _LONGEST_BASE:
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:8]
    return f"{name[: _LONGEST_BASE - 9].rstrip('-')}-{digest}"


def is_resource_of(name: str, stack: str, model: str) -> bool:
    """Whether `resource_name` made the name for this model, not for one whose name is longer."""
    return re.fullmatch(rf"{re.escape(base_name(stack, model))}-\d{{17}}", name) is not None


def variant_name(name: str, *, declared: bool = False) -> str:
    """The production variant of a publication, which SageMaker reports in every response.

    The inference function reads from it the time of the publication, and whether a signature was declared.
    """
    return f"{'s' if declared else 'v'}{name[-17:]}"


def tags(stack: str, model: str) -> dict[str, str]:
    """The tags of everything that belongs to a model."""
    return {STACK_TAG: stack, MODEL_TAG: model}

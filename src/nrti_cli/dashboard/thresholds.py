"""The thresholds of model versions: the lowest probability or score of a failure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nrti_cli.aws.sagemaker.endpoints import SageMaker
from nrti_cli.models.endpoint import THRESHOLD_TAG
from nrti_cli.models.naming import base_name, is_resource_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nrti_cli.aws.target import Target


def thresholds(target: Target, models: Iterable[tuple[str, str]]) -> dict[tuple[str, str], float]:
    """The known thresholds of models and versions, as they were published.

    Args:
        target: where SageMaker is.
        models: each with its version; only those that nrti published have thresholds.
    """
    client, found = SageMaker(target), {}
    for model, version in models:
        name = f"{base_name(target.stack, model)}-{version}"
        config = client.endpoint_config(name) if is_resource_of(name, target.stack, model) else None
        if config and THRESHOLD_TAG in config.tags:
            found[model, version] = float(config.tags[THRESHOLD_TAG])
    return found

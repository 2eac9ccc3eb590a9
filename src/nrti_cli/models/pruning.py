"""Deletes what former publications of a model have left: configurations, SageMaker models, signatures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nrti_cli.aws.sagemaker import SageMaker
from nrti_cli.models.naming import base_name, is_resource_of
from nrti_cli.models.signature import Signatures

if TYPE_CHECKING:
    from nrti_cli.aws.target import Target


def prune(target: Target, model: str, current: str, keep: int) -> list[str]:
    """Deletes all but the last publications of a model.

    A configuration and its SageMaker model have one name, which ends in the time when they were made. One
    without the other, as an interruption leaves it, counts like both. A temporary endpoint goes too that an
    interruption left.

    Args:
        target: where.
        model: the model's name, without the stack's.
        current: the configuration in service. It stays, and so do younger ones: they are somebody else's, on
            their way into service.
        keep: how many stay, the current one among them.

    Returns:
        The names of what was deleted.
    """
    client, signatures = SageMaker(target), Signatures(target, model)
    base = base_name(target.stack, model)
    for trial in client.trials(base):
        if is_resource_of(trial, target.stack, model) and trial < current:
            client.delete_endpoint(trial)
            discard(client, signatures, trial)  # it never served
    older = [name for name in publications(client, target.stack, model) if name < current]
    superfluous = older[: max(0, len(older) - keep + 1)]
    discard(client, signatures, *superfluous)
    return superfluous


def discard(client: SageMaker, signatures: Signatures, *names: str) -> None:
    """Deletes publications: configurations, SageMaker models, and what was declared about them."""
    for name in names:
        client.delete_endpoint_config(name)
        client.delete_model(name)
    signatures.remove(*names)


def publications(client: SageMaker, stack: str, model: str) -> list[str]:
    """The names of a model's publications, the oldest first."""
    base = base_name(stack, model)
    names = {*client.endpoint_config_names(base), *client.model_names(base)}
    return sorted(name for name in names if is_resource_of(name, stack, model))

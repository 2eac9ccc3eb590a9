"""Deletes former publications of a model: configurations, SageMaker models, documents."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nrti_cli.aws.sagemaker.endpoints import SageMaker
from nrti_cli.models.documents import Documents
from nrti_cli.models.naming import base_name, is_resource_of

if TYPE_CHECKING:
    from nrti_cli.aws.target import Target


def prune(target: Target, model: str, current: str, keep: int) -> list[str]:
    """Deletes all but the last publications of a model.

    A configuration and its SageMaker model have the same name, which ends in the time of their creation. One
    without the other, after an interruption, counts like both. Temporary endpoints that an interruption left
    are deleted as well.

    Args:
        target: the AWS.
        model: the model's name, without the stack's.
        current: the configuration in service. It is kept, and so are younger ones, which other users are
            publishing.
        keep: number of publications to keep, including the current one.

    Returns:
        The names of the deleted publications.
    """
    client, documents = SageMaker(target), Documents(target, model)
    base = base_name(target.stack, model)
    for trial in client.trials(base):
        if is_resource_of(trial, target.stack, model) and trial < current:
            client.delete_endpoint(trial)
            discard(client, documents, trial)  # it was never in service
    older = [name for name in publications(client, target.stack, model) if name < current]
    superfluous = older[: max(0, len(older) - keep + 1)]
    discard(client, documents, *superfluous)
    return superfluous


def discard(client: SageMaker, documents: Documents, *names: str) -> None:
    """Deletes publications: configurations, SageMaker models, signatures and references."""
    for name in names:
        client.delete_endpoint_config(name)
        client.delete_model(name)
    documents.remove(*names)


def publications(client: SageMaker, stack: str, model: str) -> list[str]:
    """The names of a model's publications, oldest first."""
    base = base_name(stack, model)
    names = {*client.endpoint_config_names(base), *client.model_names(base)}
    return sorted(name for name in names if is_resource_of(name, stack, model))

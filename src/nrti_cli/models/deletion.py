"""Deletes a model: its endpoint, and the configurations, models and signatures of all its publications."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from nrti_cli.aws.cloudwatch.metrics import Metric, read_metrics
from nrti_cli.aws.sagemaker.endpoints import BUSY, Endpoint, EndpointConfig, SageMaker
from nrti_cli.errors import NrtiError
from nrti_cli.models.documents import Documents
from nrti_cli.models.endpoint import published
from nrti_cli.models.leftovers import Leftovers, reporting_leftovers
from nrti_cli.models.naming import MODEL_TAG, STACK_TAG, base_name
from nrti_cli.models.polling import Sleep, poll
from nrti_cli.models.publication.pruning import discard, publications
from nrti_cli.models.shadows import Shadows
from nrti_cli.stack.names import endpoint_name
from nrti_cli.tables.faults import listed

if TYPE_CHECKING:
    from nrti_cli.aws.target import Target

#: The period for which requests to the endpoint are counted.
_RECENT = timedelta(minutes=15)


@dataclass(frozen=True)
class ModelResources:
    """The resources of a model.

    Attributes:
        model: its name, without the stack's.
        endpoint: None if it has been deleted already.
        ours: whether nrti published what the endpoint serves.
        publications: the common names of configurations and SageMaker models, oldest first.
        requests: to the endpoint in the last 15 minutes.
        shadows: which shadows end with it: its own, and itself, by the shadowed models.
    """

    model: str
    endpoint: str | None
    ours: bool
    publications: tuple[str, ...]
    requests: int
    shadows: Mapping[str, str] = field(default_factory=dict)


def find_resources(target: Target, model: str) -> ModelResources:
    """Finds what would be deleted.

    Raises:
        UsageError: the name is not valid for a model.
        NrtiError: the model does not exist, belongs to another stack, or its endpoint is busy.
    """
    client, name = SageMaker(target), endpoint_name(target.stack, model)
    endpoint = client.endpoint(name)
    left = publications(client, target.stack, model)
    if endpoint is None and not left:
        others = listed(each.name for each in published(target))
        raise NrtiError(
            f"model {model!r} does not exist, published are: {others}", hint="list them with nrti models"
        )
    if endpoint and endpoint.status in BUSY:
        raise NrtiError(
            f"endpoint {name} is {endpoint.status}", hint="wait until nrti models shows it InService"
        )
    config = client.endpoint_config(endpoint.config) if endpoint else None
    ours = endpoint is None or _is_ours(endpoint, config, target, model)
    requests = _requests(target, name, config.variant) if config else 0
    shadows = Shadows(target).around(model)
    return ModelResources(model, name if endpoint else None, ours, tuple(left), requests, shadows)


def _is_ours(endpoint: Endpoint, config: EndpointConfig | None, target: Target, model: str) -> bool:
    """Whether nrti published what the endpoint serves, under this name.

    Raises:
        NrtiError: another stack did, whose name is longer.
    """
    tags = config.tags if config else {}
    owner = tags.get(STACK_TAG, target.stack)
    if owner != target.stack:
        raise NrtiError(f"endpoint {endpoint.name} belongs to stack {owner}", hint=f"pass --stack {owner}")
    return tags.get(MODEL_TAG) == model


def _requests(target: Target, endpoint: str, variant: str) -> int:
    dimensions = {"EndpointName": endpoint, "VariantName": variant}
    (invocations,) = read_metrics(target, [Metric("Invocations", "AWS/SageMaker", dimensions)], _RECENT)
    return int(invocations.total)


def delete(target: Target, found: ModelResources, sleep: Sleep = time.sleep) -> None:
    """Deletes what was found; missing resources are ignored. Artifacts and training jobs are kept.

    Raises:
        NrtiError: it was interrupted, or AWS refused; the message says that resources may be left.
    """
    client = SageMaker(target)
    left = Leftovers("some of the model may be left", f"run nrti models delete {found.model} again")
    with reporting_leftovers(lambda: left):
        for model in found.shadows:
            Shadows(target).end(model)
        if found.endpoint:
            client.delete_endpoint(found.endpoint)
            _await_deletion(client, target, found.endpoint, sleep)
        for name in client.trials(base_name(target.stack, found.model)):
            client.delete_endpoint(name)
            _await_deletion(client, target, name, sleep)
        discard(client, Documents(target, found.model), *found.publications)


def _await_deletion(client: SageMaker, target: Target, endpoint: str, sleep: Sleep) -> None:
    """Waits until the endpoint is deleted, since its configuration must not be deleted before it."""
    next(state for state, _ in poll(lambda: client.endpoint(endpoint) is None, target, sleep) if state)

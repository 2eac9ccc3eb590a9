"""The published models: their endpoints, and what these serve."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nrti_cli.aws.sagemaker.endpoints import Endpoint, EndpointConfig, SageMaker
from nrti_cli.errors import NrtiError
from nrti_cli.models.naming import STACK_TAG
from nrti_cli.stack.names import endpoint_name
from nrti_cli.stack.outputs import require_stack
from nrti_cli.tables.faults import listed

if TYPE_CHECKING:
    from datetime import datetime

    from nrti_cli.aws.target import Target

SOURCE_TAG = "nrti:source"
LENGTH_TAG = "nrti:length"
THRESHOLD_TAG = "nrti:threshold"
METRIC_TAG = "nrti:metric:"
INTERVAL_TAG = "nrti:interval:"
SPLIT_TAG = "nrti:split"
DATA_TAG = "nrti:data"
#: Of a version that was left by a rollback: the version that took its place.
ROLLED_BACK_TAG = "nrti:rolled-back"
IN_SERVICE = "InService"


@dataclass(frozen=True)
class PublishedModel:
    """A model with an endpoint.

    Attributes:
        name: as in events, without the stack.
        endpoint: the endpoint's name.
        status: of the endpoint: InService, Creating, Updating, Failed, ...
        created: when the endpoint was created.
        updated: when it was last updated.
        reason: why it failed, or empty.
        source: the training job or the artifact's URI; empty if nrti did not publish it.
        length: of its sequences; None if nrti did not publish it.
        metrics: precision, recall, f1 and average_precision on held-out rows.
        config: the endpoint configuration in service, or being deployed.
        shadow_of: the model whose events it scores as well; empty if none, or if it was not looked up.
    """

    name: str
    endpoint: str
    status: str
    created: datetime
    updated: datetime
    reason: str = ""
    source: str = ""
    length: int | None = None
    metrics: Mapping[str, float] = field(default_factory=dict)
    config: str = ""
    shadow_of: str = ""

    @property
    def in_service(self) -> bool:
        """Whether it responds; an endpoint does so during an update, too."""
        return self.status in {IN_SERVICE, "Updating"}


def published(target: Target) -> list[PublishedModel]:
    """The stack's models, most recently updated first.

    Raises:
        NrtiError: the stack does not exist, and there are no models.
    """
    client = SageMaker(target)
    prefix = f"{target.stack}-"
    described = (_describe(client, name, target.stack) for name in client.endpoint_names(prefix))
    found = sorted(filter(None, described), key=lambda model: model.updated, reverse=True)
    if not found:
        require_stack(target)
    return found


def find(target: Target, name: str) -> PublishedModel:
    """The model of this name, which must be in service.

    Raises:
        NrtiError: it does not exist, or is not in service.
    """
    found = _describe(SageMaker(target), endpoint_name(target.stack, name), target.stack)
    if found is None:
        others = listed(model.name for model in published(target))
        raise NrtiError(
            f"model {name!r} does not exist, published are: {others}", hint=f"run nrti train --name {name}"
        )
    return require_in_service(found)


def require_in_service(model: PublishedModel) -> PublishedModel:
    """Returns the model.

    Raises:
        NrtiError: it is not in service.
    """
    if model.in_service:
        return model
    why = f": {model.reason}" if model.reason else ""
    raise NrtiError(
        f"model {model.name!r} is {model.status}{why}", hint="wait until nrti models shows InService"
    )


def _describe(client: SageMaker, name: str, stack: str) -> PublishedModel | None:
    """The model of an endpoint; None if it was deleted, or belongs to a stack with a longer name."""
    endpoint = client.endpoint(name)
    if endpoint is None:
        return None
    config = client.endpoint_config(endpoint.config) if endpoint.config else None
    tags = config.tags if config else {}
    return _published(endpoint, config, stack) if tags.get(STACK_TAG, stack) == stack else None


def _published(endpoint: Endpoint, config: EndpointConfig | None, stack: str) -> PublishedModel:
    tags = config.tags if config else {}
    return PublishedModel(
        name=endpoint.name.removeprefix(f"{stack}-"),
        endpoint=endpoint.name,
        status=endpoint.status,
        created=endpoint.created,
        updated=endpoint.updated,
        reason=endpoint.reason,
        source=tags.get(SOURCE_TAG, ""),
        length=int(tags[LENGTH_TAG]) if LENGTH_TAG in tags else None,
        metrics={
            key.removeprefix(METRIC_TAG): float(value)
            for key, value in tags.items()
            if key.startswith(METRIC_TAG)
        },
        config=endpoint.config,
    )

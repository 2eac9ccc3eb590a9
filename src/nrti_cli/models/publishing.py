"""Publishes a model: creates its endpoint, or rolls it over to another artifact while it goes on serving."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

from nrti_cli.aws.sagemaker import BUSY, Endpoint, SageMaker
from nrti_cli.errors import NrtiError
from nrti_cli.models.endpoint import IN_SERVICE, LENGTH_TAG, METRIC_TAG, SOURCE_TAG
from nrti_cli.models.image import image_uri
from nrti_cli.models.naming import resource_name, tags
from nrti_cli.models.polling import looks
from nrti_cli.stack.names import endpoint_name

if TYPE_CHECKING:
    from nrti_cli.aws.target import Target
    from nrti_cli.console import Progress
    from nrti_cli.models.polling import Sleep
    from nrti_cli.models.source import Source

#: What serves a request: memory and, as an account may be limited to 10 in all, few at once.
_MEMORY_MB = 2048
_CONCURRENCY = 5

_ENVIRONMENT = {
    "SAGEMAKER_PROGRAM": "inference.py",
    "SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/model/code",
    # The container installs the code directory with pip at every start; this spares it a download.
    "PIP_NO_BUILD_ISOLATION": "0",
    # For one row, starting threads takes longer than predicting.
    "OMP_NUM_THREADS": "1",
}


def publish(
    target: Target, role: str, model: str, source: Source, progress: Progress, sleep: Sleep = time.sleep
) -> bool:
    """Makes a model's endpoint serve an artifact and waits until it does.

    Args:
        target: where.
        role: the ARN of the role that SageMaker takes on.
        model: the model's name, without the stack's.
        source: what it is to serve.
        progress: told about the endpoint's status.
        sleep: waits between two looks.

    Returns:
        False if the endpoint served this artifact already.

    Raises:
        NrtiError: SageMaker could not bring it into service; the message holds its reason.
    """
    client, name = SageMaker(target), endpoint_name(target.stack, model)
    present = _settled(target, name, progress, sleep)
    if present and present.status == IN_SERVICE and _serves(client, present, source):
        return False
    if present and present.status != IN_SERVICE:
        # An endpoint that failed cannot be updated, and serves nobody.
        client.delete_endpoint(name)
        present = _settled(target, name, progress, sleep)
    config = _create_config(target, role, model, source)
    if present:
        client.update_endpoint(name, config)
    else:
        client.create_endpoint(name, config, tags(target.stack, model))
    _confirm(_settled(target, name, progress, sleep), name, config)
    return True


def _settled(target: Target, name: str, progress: Progress, sleep: Sleep) -> Endpoint | None:
    """The endpoint as soon as nothing is being done to it; None if there is none."""
    client = SageMaker(target)
    states = looks(lambda: client.endpoint(name), target, sleep)
    while (state := next(states)) and state.status in BUSY:
        progress.update(f"endpoint {name}: {state.status}")
    return state


def _serves(client: SageMaker, endpoint: Endpoint, source: Source) -> bool:
    config = client.endpoint_config(endpoint.config)
    return config is not None and client.artifact(config.model) == source.artifact


def _create_config(target: Target, role: str, model: str, source: Source) -> str:
    """Makes a SageMaker model and an endpoint configuration of one name, which is returned."""
    client, name = SageMaker(target), resource_name(target.stack, model)
    owner = tags(target.stack, model)
    client.create_model(
        name,
        image=image_uri(target),
        artifact=source.artifact,
        role=role,
        environment=_ENVIRONMENT,
        tags=owner,
    )
    client.create_endpoint_config(
        name, model=name, memory=_MEMORY_MB, concurrency=_CONCURRENCY, tags=owner | _description(source)
    )
    return name


def _description(source: Source) -> dict[str, str]:
    """What `nrti models` shows, as tags; some characters are not allowed in them."""
    return {
        SOURCE_TAG: re.sub(r"[^\w\s.:/=+\-@]", "_", source.origin)[:256],
        LENGTH_TAG: str(source.metadata.length),
        **{f"{METRIC_TAG}{name}": f"{value:.6g}" for name, value in source.metadata.metrics.items()},
    }


def _confirm(endpoint: Endpoint | None, name: str, config: str) -> None:
    if endpoint is None:
        raise NrtiError(f"endpoint {name} was deleted while it was being made", hint="run the command again")
    log = f"its log is in CloudWatch, group /aws/sagemaker/Endpoints/{name}"
    if endpoint.status != IN_SERVICE:
        raise NrtiError(
            f"endpoint {name} is {endpoint.status}: {endpoint.reason or 'no reason given'}", hint=log
        )
    if endpoint.config != config:
        reason = endpoint.reason or "the new model did not come into service"
        raise NrtiError(f"endpoint {name} went back to the model it served before: {reason}", hint=log)

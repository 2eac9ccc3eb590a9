"""Looks up the API's addresses and key, and a model for events."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nrti_cli.aws.apigateway import api_key, require_stage
from nrti_cli.models.default import without_shadows
from nrti_cli.models.endpoint import find
from nrti_cli.stack.outputs import outputs

if TYPE_CHECKING:
    from nrti_cli.aws.target import Target
    from nrti_cli.models.endpoint import PublishedModel


@dataclass(frozen=True)
class Connection:
    """What a program needs to send events.

    Attributes:
        events_url: accepts events, with the status 202.
        predictions_url: accepts the same events and returns their predictions.
        labels_url: accepts labels for predictions, with the status 202.
        api_key: for the header `x-api-key`; None unless requested.
        model: a published model, None if there is none.
        length: the length of its sequences, None if unknown.
    """

    events_url: str
    predictions_url: str
    labels_url: str
    api_key: str | None = None
    model: str | None = None
    length: int | None = None


def connection(target: Target, model: str | None, *, with_key: bool) -> Connection:
    """Looks up how to call the stack's API.

    Args:
        target: the AWS and the stack.
        model: the model for events; None for the last one that is no shadow and has a known length.
        with_key: whether to include the API key.

    Raises:
        NrtiError: the stack, its API or the model does not exist.
    """
    stack = outputs(target)
    require_stage(target, stack.api_id, stack.api_stage)
    chosen = find(target, model) if model else _usual(target)
    return Connection(
        events_url=stack.api_url(target, "events"),
        predictions_url=stack.api_url(target, "predictions"),
        labels_url=stack.api_url(target, "labels"),
        api_key=api_key(target, stack.api_key_id) if with_key else None,
        model=chosen.name if chosen else None,
        length=chosen.length if chosen else None,
    )


def _usual(target: Target) -> PublishedModel | None:
    models = [model for model in without_shadows(target) if model.in_service]
    return next((model for model in models if model.length), models[0] if models else None)

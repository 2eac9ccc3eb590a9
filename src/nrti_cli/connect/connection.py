"""Where the API is, what opens it, and a model that an event can name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nrti_cli.aws.apigateway import api_key
from nrti_cli.models.endpoint import find, published
from nrti_cli.stack.outputs import outputs

if TYPE_CHECKING:
    from nrti_cli.aws.target import Target
    from nrti_cli.models.endpoint import PublishedModel


@dataclass(frozen=True)
class Connection:
    """What a program needs to send events.

    Attributes:
        events_url: takes events, and answers 202 at once.
        predictions_url: takes the same events, and answers with their predictions.
        api_key: goes into the header `x-api-key`; None unless it was asked for.
        model: a published model, None if there is none.
        length: how many numbers its sequences have, None if that is unknown.
    """

    events_url: str
    predictions_url: str
    api_key: str | None = None
    model: str | None = None
    length: int | None = None


def connection(target: Target, model: str | None, *, with_key: bool) -> Connection:
    """Looks up how to reach the stack's API.

    Args:
        target: where the stack is.
        model: the model that events name; None for the one published last whose length is known.
        with_key: whether the API key is wanted.

    Raises:
        NrtiError: there is no stack, or no such model.
    """
    stack = outputs(target)
    chosen = find(target, model) if model else _usual(target)
    return Connection(
        events_url=stack.api_url(target, "events"),
        predictions_url=stack.api_url(target, "predictions"),
        api_key=api_key(target, stack.api_key_id) if with_key else None,
        model=chosen.name if chosen else None,
        length=chosen.length if chosen else None,
    )


def _usual(target: Target) -> PublishedModel | None:
    models = [model for model in published(target) if model.in_service]
    return next((model for model in models if model.length), models[0] if models else None)

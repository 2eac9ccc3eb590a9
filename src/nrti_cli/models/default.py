"""The model of a command that names none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nrti_cli.errors import NrtiError
from nrti_cli.models.endpoint import published, require_in_service
from nrti_cli.models.shadows import with_shadows

if TYPE_CHECKING:
    from nrti_cli.aws.target import Target
    from nrti_cli.models.endpoint import PublishedModel


def without_shadows(target: Target) -> list[PublishedModel]:
    """The stack's models that shadow no other, most recently updated first.

    Raises:
        NrtiError: the stack does not exist, and there are no models.
    """
    models = published(target)
    if len(models) > 1:  # a shadow has a model that it shadows
        models = [model for model in with_shadows(target, models) if not model.shadow_of]
    return models


def newest(target: Target) -> PublishedModel:
    """The most recently updated model in service that shadows no other.

    Raises:
        NrtiError: there is none.
    """
    models = without_shadows(target)
    if not models:
        raise NrtiError("no model is published", hint="run nrti train --name failure-v1")
    return next((model for model in models if model.in_service), None) or require_in_service(models[0])

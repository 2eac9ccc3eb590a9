"""Replaces a model by its shadow: the artifact becomes a new version of that model."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from nrti_cli.aws.sagemaker.endpoints import SageMaker
from nrti_cli.errors import NrtiError
from nrti_cli.models.documents import Signatures
from nrti_cli.models.endpoint import SOURCE_TAG, find
from nrti_cli.models.naming import MODEL_TAG
from nrti_cli.models.packing import Added
from nrti_cli.models.publication import sample
from nrti_cli.models.publication.publishing import publish
from nrti_cli.models.publication.settings import PublishSettings
from nrti_cli.models.publication.source import ModelSource, from_artifact
from nrti_cli.models.shadows import Shadows
from nrti_cli.models.versions import versions

if TYPE_CHECKING:
    from nrti_cli.aws.target import Target
    from nrti_cli.console import Progress
    from nrti_cli.stack.outputs import Outputs


@dataclass(frozen=True)
class Promotion:
    """What was done.

    Attributes:
        model: the model that events name; its endpoint serves the artifact of the shadow.
        shadow: the model that was its shadow; its own endpoint stays.
        version: of the shadow that was promoted.
        source: the URI of the artifact.
        changed: False if the model served this artifact already.
    """

    model: str
    shadow: str
    version: str
    source: str
    changed: bool


def promote(target: Target, stack: Outputs, shadow: str, keep: int, progress: Progress) -> Promotion:
    """Publishes what a shadow serves under the name of the model that it shadows, and ends the shadow.

    Until the new version is in service, the former one and the shadow go on.

    Args:
        target: the AWS.
        stack: its outputs.
        shadow: the model that is a shadow.
        keep: how many publications of the other model to keep.
        progress: shows the endpoint's status.

    Raises:
        NrtiError: it shadows no model, is not in service, or its artifact does not come into service.
    """
    shadows = Shadows(target)
    model = shadows.shadowed_by(shadow)
    version, source = _served(target, shadow)
    settings = PublishSettings(keep=keep)
    changed = publish(target, stack, model, source, settings, progress)
    shadows.end(model)
    return Promotion(model, shadow, version, source.origin, changed)


def _served(target: Target, model: str) -> tuple[str, ModelSource]:
    """The version of a model in service, and what it serves, with its signature and its evaluation."""
    config, client = find(target, model).config, SageMaker(target)
    described = client.endpoint_config(config)
    if described is None or described.tags.get(MODEL_TAG) != model:
        raise NrtiError(
            f"nrti did not publish what model {model!r} serves",
            hint=f"publish it with nrti deploy-model --name {model} --adopt",
        )
    image, artifact = client.served(described.model)
    source = from_artifact(target, artifact, Added(), image)
    job = described.tags.get(SOURCE_TAG, "")
    rows = None if job.startswith("s3:") else sample.kept(target, job)
    served = next(version for version in versions(target, model) if version.in_service)
    about = replace(
        source.metadata,
        metrics=served.metrics,
        intervals=served.intervals,
        split=served.split,
        data=served.data,
    )
    signature = Signatures(target, model).stored(config)
    return served.version, replace(source, signature=signature, metadata=about, sample=rows)

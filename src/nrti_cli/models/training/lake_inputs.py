"""The names of the values in the lake's sequences, which have none themselves."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from nrti_cli.aws.sagemaker.training_jobs import TrainingJobs
from nrti_cli.errors import NrtiError
from nrti_cli.models.documents import Signatures
from nrti_cli.models.inputs import declared_inputs, inputs_of, inputs_of_version
from nrti_cli.models.naming import base_name, is_resource_of
from nrti_cli.models.publication.source import stored_metadata

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from nrti_cli.aws.target import Target
    from nrti_cli.models.endpoint import PublishedModel
    from nrti_cli.tables.schema import Schema

#: A version of a model: both are columns of the lake.
Version = tuple[str, str]


def of_versions(target: Target, scored: Mapping[Version, int]) -> Iterator[tuple[Version, Schema]]:
    """The inputs that versions declare, those with the most rows first; what declares none is left out.

    Args:
        target: the AWS.
        scored: the number of rows that each version scored.
    """
    known = {model: _documented(target, model) for model in {model for model, _ in scored}}
    for model, version in sorted(scored, key=lambda each: -scored[each]):
        if version in known[model] and (found := inputs_of_version(target, model, version)):
            yield (model, version), found


def _documented(target: Target, model: str) -> set[str]:
    """The versions of a model that have a signature; versions that were deleted have none."""
    return {publication[-17:] for publication in Signatures(target, model).publications()}


def of_model(
    target: Target, name: str, published: PublishedModel | None, fits: Callable[[Schema], bool]
) -> Schema | None:
    """The inputs of a model whose versions are not known: those in service, else those of its trainings.

    Args:
        target: the AWS.
        name: the model's name; it need not be published any more.
        published: the model, if it is.
        fits: whether inputs have the shape of the rows.
    """
    declared = inputs_of(target, published) if published else None
    if declared and fits(declared):
        return declared
    return next(filter(fits, _of_trainings(target, name)), None)


def _of_trainings(target: Target, name: str) -> Iterator[Schema]:
    """What the artifacts of completed trainings declare, the newest first."""
    jobs = TrainingJobs(target)
    for job in jobs.completed(base_name(target.stack, name)):
        if is_resource_of(job, target.stack, name):
            with suppress(NrtiError):  # an artifact that cannot be read has no names
                signature = stored_metadata(target, jobs.job(job).artifact).signature
                if found := declared_inputs(signature, name):
                    yield found

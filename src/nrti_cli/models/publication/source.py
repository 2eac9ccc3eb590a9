"""The source of a publication: a training job, or an artifact in a file or in S3."""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import IO, TYPE_CHECKING, Any, cast

from nrti_cli.aws.s3.objects import S3
from nrti_cli.aws.sagemaker.endpoints import SageMaker
from nrti_cli.aws.sagemaker.training_jobs import TrainingJob, TrainingJobs
from nrti_cli.errors import NrtiError, UsageError
from nrti_cli.models.artifact import Metadata, metadata
from nrti_cli.models.documents import Signatures
from nrti_cli.models.image import DEFAULT
from nrti_cli.models.naming import MODEL_TAG, base_name, is_resource_of
from nrti_cli.models.packing import Added, packed, repacked, unpacked
from nrti_cli.models.publication import sample
from nrti_cli.models.signature import answers, checked
from nrti_cli.models.training.following import completed
from nrti_cli.stack.names import artifacts_bucket
from nrti_cli.tables.formats.inputs import content as content_of

if TYPE_CHECKING:
    from nrti_cli.aws.target import Target


@dataclass(frozen=True)
class ModelSource:
    """An inspected artifact, and what is known about its model.

    Attributes:
        artifact: its `s3://` URI.
        origin: the training job's name, or the URI if it is from elsewhere.
        metadata: of the artifact.
        image: the serving image, as `image_uri` takes it.
        signature: the declared signature.
        sample: sequences to test it with; None if there are none.
        named: as the user named it, if that is not its location.
    """

    artifact: str
    origin: str
    metadata: Metadata
    image: str = DEFAULT
    signature: Mapping[str, Any] = field(default_factory=dict)
    sample: Sequence[Any] | None = None
    named: str = ""

    @property
    def shown(self) -> str:
        """Its name in messages."""
        return self.named or self.origin

    @property
    def length(self) -> int | None:
        """The length of a sequence, if it is known."""
        return len(self.sample[0]) if self.sample else self.metadata.length

    @property
    def rows(self) -> Sequence[Any] | None:
        """The rows to test it with: the sample, else zeros."""
        zeros = None if self.metadata.length is None else [[0.0] * self.metadata.length]
        return self.sample or zeros


def deploying(model: str, origin: str) -> str:
    """The command that publishes an origin."""
    option = "artifact" if origin.startswith("s3://") else "job"
    return f"nrti deploy-model --name {model} --{option} {origin}"


def from_job(target: Target, model: str, name: str) -> ModelSource:
    """The artifact of a training job of a model.

    Raises:
        NrtiError: the job does not exist, is not completed, or trained another model.
    """
    jobs = TrainingJobs(target)
    job = completed(jobs.job(name))
    trained = jobs.tags(job).get(MODEL_TAG, model)
    if trained != model:
        raise NrtiError(
            f"training job {name} trained model {trained!r}, not {model!r}",
            hint=f"to publish it as {model}, {deploying(model, job.artifact)}",
        )
    return of_job(target, job)


def of_job(target: Target, job: TrainingJob) -> ModelSource:
    """The artifact of a completed job.

    If the artifact of a user's script has no inference.py, that of the script's directory serves it, or it is
    treated as a model file.
    """
    found, rows = stored_metadata(target, job.artifact), sample.kept(target, job.name)
    if not job.own:
        return ModelSource(job.artifact, job.name, found, sample=rows)
    metrics = found.metrics or job.metrics
    if _can_be_served(found, DEFAULT):
        return ModelSource(job.artifact, job.name, replace(found, metrics=metrics), sample=rows)
    content = repacked(S3(target).get(job.artifact), found, _beside(target, job), f"training job {job.name}")
    packed_anew = _uploaded(target, content, job.name)
    about = replace(packed_anew.metadata, metrics=metrics)
    return replace(packed_anew, origin=job.name, metadata=about, sample=rows)


def _beside(target: Target, job: TrainingJob) -> Added:
    """The serving files in the directory of a job's script."""
    members = unpacked(S3(target).get(job.source), job.source)
    script = members.get("inference.py")
    return Added(script, members.get("requirements.txt") if script else None)


def from_newest_job(target: Target, model: str) -> ModelSource:
    """The artifact of the newest completed job of a model.

    Raises:
        NrtiError: there is none.
    """
    jobs = TrainingJobs(target)
    for name in jobs.completed(base_name(target.stack, model)):
        if is_resource_of(name, target.stack, model):
            return of_job(target, completed(jobs.job(name)))
    raise NrtiError(
        f"no training job of model {model!r} has completed", hint=f"run nrti train --name {model}"
    )


def from_artifact(target: Target, place: str, added: Added, image: str = DEFAULT) -> ModelSource:
    """An artifact at an `s3://` URI or in a file (`-` is stdin); if it is repacked, it is uploaded.

    Args:
        target: the AWS.
        place: of the artifact.
        added: files to serve it with.
        image: the serving image.

    Raises:
        UsageError: it begins like an S3 URI and is not one.
        NrtiError: it does not exist, or cannot be served.
    """
    if place.startswith("s3://"):
        found = stored_metadata(target, place)
        if not added and _can_be_served(found, image):
            return ModelSource(place, place, found, image)
        content = S3(target).get(place)
    elif re.match(r"s3:", place, re.IGNORECASE):
        raise UsageError(f"{place} is not an S3 URI", hint="write s3://bucket/key")
    else:
        content = content_of(place)
        found = metadata(io.BytesIO(content), place, to_the_end=True)
    if added or not _can_be_served(found, image):
        content = repacked(content, found, added, place)
    return _uploaded(target, content, place, image)


def from_model_file(target: Target, place: str, added: Added) -> ModelSource:
    """Packs a model file as an artifact.

    Raises:
        NrtiError: it cannot be read, or its format is not supported.
    """
    return _uploaded(target, packed(place, content_of(place), added), place)


def _can_be_served(found: Metadata, image: str) -> bool:
    """Whether it has a script, or its image serves it without one."""
    return found.handlers is not None or not image.startswith("sklearn:")


def _uploaded(target: Target, content: bytes, place: str, image: str = DEFAULT) -> ModelSource:
    found = metadata(io.BytesIO(content), place, to_the_end=True)
    key = f"models/uploads/{hashlib.sha256(content).hexdigest()}/model.tar.gz"
    uri = S3(target).put(artifacts_bucket(target), key, content)
    return ModelSource(uri, uri, found, image, named=place)


def declared(
    target: Target, model: str, source: ModelSource, options: Mapping[str, Any], rows: Sequence[Any] | None
) -> ModelSource:
    """The source with its signature and the rows to test it with.

    The options are added to what the artifact declares. Without either, the signature is that of an earlier
    publication of the same artifact, so that a rollback restores it.

    Args:
        target: the AWS.
        model: the model's name, without the stack's.
        source: what is to be published.
        options: the user's declarations.
        rows: the user's own sequences, or None.

    Raises:
        UsageError: a declaration is wrong.
    """
    given = checked({**source.metadata.signature, **{k: v for k, v in options.items() if v is not None}})
    if not options and not answers(given):
        given = _carried(target, model, source.artifact) or given
    handlers = source.metadata.handlers
    if handlers and handlers.take_a_bare_list and not {"content_type", "content_template"} & given.keys():
        given["content_template"] = "$records"
    return replace(source, signature=given, sample=rows or source.sample)


def _carried(target: Target, model: str, artifact: str) -> dict[str, Any]:
    signatures, client = Signatures(target, model), SageMaker(target)
    for publication in signatures.publications():
        if client.served(publication)[1] == artifact:
            return signatures.stored(publication)
    return {}


def stored_metadata(target: Target, uri: str) -> Metadata:
    """The metadata of an artifact in S3; only as much of it is fetched as necessary."""
    with closing(S3(target).open(uri)) as archive:
        return metadata(cast("IO[bytes]", archive), uri, to_the_end=False)

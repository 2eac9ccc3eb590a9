"""Where a model that is to be published comes from: a training job, or an artifact in a file or in S3."""

from __future__ import annotations

import hashlib
import io
import re
from contextlib import closing
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, cast

from nrti_cli.aws.s3 import S3
from nrti_cli.aws.sagemaker_jobs import TrainingJob, TrainingJobs
from nrti_cli.errors import NrtiError, UsageError
from nrti_cli.models.artifact import Metadata, metadata
from nrti_cli.models.naming import MODEL_TAG, base_name, is_resource_of
from nrti_cli.models.training import completed
from nrti_cli.stack.names import artifacts_bucket
from nrti_cli.tables.inputs import opened

if TYPE_CHECKING:
    from nrti_cli.aws.target import Target


@dataclass(frozen=True)
class Source:
    """An artifact that was looked into.

    Attributes:
        artifact: its `s3://` URI.
        origin: the training job's name, or the URI if it came from elsewhere.
        metadata: what it says about itself.
    """

    artifact: str
    origin: str
    metadata: Metadata


def deploying(model: str, origin: str) -> str:
    """The command that publishes what comes from an origin."""
    option = "artifact" if origin.startswith("s3://") else "job"
    return f"nrti deploy-model --name {model} --{option} {origin}"


def from_job(target: Target, model: str, name: str) -> Source:
    """The artifact of a training job of a model.

    Raises:
        NrtiError: there is no such job, it has not completed, or it trained another model.
    """
    jobs = TrainingJobs(target)
    job = completed(jobs.job(name))
    trained = jobs.tags(job).get(MODEL_TAG, model)
    if trained != model:
        raise NrtiError(
            f"training job {name} trained model {trained!r}, not {model!r}",
            hint=f"if {model} shall serve it all the same, {deploying(model, job.artifact)}",
        )
    return of_job(target, job)


def of_job(target: Target, job: TrainingJob) -> Source:
    """The artifact of a completed job that was described already."""
    return Source(job.artifact, job.name, _stored(target, job.artifact))


def from_newest_job(target: Target, model: str) -> Source:
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


def from_artifact(target: Target, place: str) -> Source:
    """An artifact at an `s3://` URI, or in a file (`-` is stdin), which is checked and then uploaded.

    Raises:
        UsageError: it begins as an address in S3 and is none.
        NrtiError: it is not there, or cannot be served.
    """
    if place.startswith("s3://"):
        return Source(place, place, _stored(target, place))
    if re.match(r"s3:", place, re.IGNORECASE):
        raise UsageError(f"{place} is no address in S3", hint="write s3://bucket/key")
    with opened(place) as file:
        content = b"".join(file.chunks())
    found = metadata(io.BytesIO(content), place, to_the_end=True)
    key = f"models/uploads/{hashlib.sha256(content).hexdigest()}/model.tar.gz"
    uri = S3(target).put(artifacts_bucket(target), key, content)
    return Source(uri, uri, found)


def _stored(target: Target, uri: str) -> Metadata:
    """What an artifact in S3 says about itself, of which no more is fetched than that takes."""
    with closing(S3(target).open(uri)) as archive:
        return metadata(cast("IO[bytes]", archive), uri, to_the_end=False)

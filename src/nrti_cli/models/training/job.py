"""Starts a training job: uploads script and data, and makes the request."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING, cast

from nrti_cli.assets import REMOTE
from nrti_cli.aws.s3.objects import S3
from nrti_cli.aws.sagemaker.endpoints import tag_list
from nrti_cli.aws.sagemaker.training_jobs import TrainingJobs
from nrti_cli.errors import ExitStatus, NrtiError, UsageError
from nrti_cli.models.image import image_uri
from nrti_cli.models.naming import MODEL_TAG, STACK_TAG, resource_name, tags
from nrti_cli.models.packing import tarball
from nrti_cli.models.publication import sample
from nrti_cli.stack.names import artifacts_bucket

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mypy_boto3_sagemaker.literals import TrainingInstanceTypeType
    from mypy_boto3_sagemaker.type_defs import CreateTrainingJobRequestTypeDef

    from nrti_cli.aws.target import Target
    from nrti_cli.models.training.dataset import Dataset


_VOLUME_GB = 10
_LONGEST_SECONDS = 3600
_METRICS = ("precision", "recall", "f1", "average_precision")


@dataclass(frozen=True)
class TrainingSettings:
    """How a model is trained and evaluated.

    Attributes:
        seed: of the split and the estimator.
        budget: seconds to search for an estimator.
        split: time, group or random; empty for the default of the data.
        choose_threshold: the rule for the threshold: f1, recall=0.9 or cost=FN:FP.
        incumbent: the `s3://` URI of the artifact in service, to be evaluated on the same rows, if there is
            one.
    """

    seed: int = 0
    budget: float = 20
    split: str = ""
    choose_threshold: str = "f1"
    incumbent: str = ""

    @property
    def hyperparameters(self) -> dict[str, object]:
        """The hyperparameters of train.py, without defaults."""
        given = {"split": self.split, "choose-threshold": self.choose_threshold}
        return {"seed": self.seed, "budget": self.budget, **{name: v for name, v in given.items() if v}}


def start(
    target: Target,
    role: str,
    model: str,
    dataset: Dataset,
    *,
    settings: TrainingSettings,
    instance: str,
    on_share: Callable[[float], None] = lambda _: None,
) -> str:
    """Uploads script and data, and starts a job; returns its name.

    Args:
        target: the AWS.
        role: the ARN of the role for SageMaker.
        model: the model's name, without the stack's.
        dataset: the rows.
        settings: how the model is trained and evaluated.
        instance: the instance type, such as ml.m5.large.
        on_share: called with the uploaded share of the data, 0 to 1.

    Raises:
        UsageError: the rows have no groups to split by; the job would find that only after its start.
        NrtiError: the account has no such instances, or the user interrupted it.
    """
    if settings.split == "group" and dataset.groups is None:
        raise UsageError("a split by group needs groups", hint="name their column with --group")
    s3, bucket, job = S3(target), artifacts_bucket(target), resource_name(target.stack, model)
    hyperparameters = {
        "nrti": version("nrti"),
        "title": model,
        "data": f"{len(dataset.labels)} rows of {dataset.origin}",
        **settings.hyperparameters,
    }
    data = s3.put(bucket, f"data/{job}/train.parquet", dataset.parquet(), on_share)
    sample.keep(s3, bucket, job, sample.of_dataset(dataset))
    channels = {"train": data, "incumbent": settings.incumbent}
    code = Code(source_archive(), "train.py", hyperparameters, _metrics())
    launch(target, role, model, job, code, channels, instance)
    return job


@dataclass(frozen=True)
class Code:
    """What a training job runs.

    Attributes:
        archive: sourcedir.tar.gz.
        program: the script in it.
        hyperparameters: of the script; JSON values.
        metrics: regular expressions by name, with which SageMaker finds the metrics in the log.
    """

    archive: bytes
    program: str
    hyperparameters: Mapping[str, object]
    metrics: Mapping[str, str]


def launch(
    target: Target, role: str, model: str, job: str, code: Code, channels: Mapping[str, str], instance: str
) -> None:
    """Uploads a script and starts its job; see `start` for the other arguments.

    Args:
        target: the AWS.
        role: for SageMaker.
        model: the model's name.
        job: the job's name.
        code: what it runs.
        channels: the `s3://` URIs of its data; empty ones are skipped.
        instance: the instance type.

    Raises:
        NrtiError: as `start`.
    """
    bucket = artifacts_bucket(target)
    request = _request(job, role, image_uri(target), channels, f"s3://{bucket}/models", instance)
    request["AlgorithmSpecification"]["MetricDefinitions"] = [
        {"Name": name, "Regex": regex} for name, regex in code.metrics.items()
    ]
    hyperparameters = {
        "sagemaker_program": code.program,
        "sagemaker_submit_directory": _upload_source(S3(target), bucket, code.archive),
        **code.hyperparameters,
    }
    # The container parses every value as JSON.
    request["HyperParameters"] = {name: json.dumps(value) for name, value in hyperparameters.items()}
    request["Tags"] = tag_list(tags(target.stack, model))
    try:
        TrainingJobs(target).start(request)
    except KeyboardInterrupt:
        raise NrtiError(
            f"interrupted while training job {job} was being started",
            hint=f"nrti train --attach {job} follows it, if it was started",
            exit_status=ExitStatus.INTERRUPTED,
        ) from None


def _request(
    job: str, role: str, image: str, channels: Mapping[str, str], output: str, instance: str
) -> CreateTrainingJobRequestTypeDef:
    """The request for a job; channels and output are `s3://` URIs, empty ones are skipped."""
    return {
        "TrainingJobName": job,
        "RoleArn": role,
        "AlgorithmSpecification": {
            "TrainingImage": image,
            "TrainingInputMode": "File",
        },
        "InputDataConfig": [
            {"ChannelName": name, "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": uri}}}
            for name, uri in channels.items()
            if uri
        ],
        "OutputDataConfig": {"S3OutputPath": output},
        "ResourceConfig": {
            "InstanceType": cast("TrainingInstanceTypeType", instance),
            "InstanceCount": 1,
            "VolumeSizeInGB": _VOLUME_GB,
        },
        "StoppingCondition": {"MaxRuntimeInSeconds": _LONGEST_SECONDS},
    }


def _metrics() -> dict[str, str]:
    """The regular expressions for the metrics in the lines that train.py prints."""
    return {
        f"{part}:{metric}": f"{part}_{metric}=([0-9.]+)"
        for part in ("validation", "test")
        for metric in _METRICS
    }


def _upload_source(s3: S3, bucket: str, archive: bytes) -> str:
    key = f"code/{hashlib.sha256(archive).hexdigest()}.tar.gz"
    if s3.object_exists(bucket, key):
        return f"s3://{bucket}/{key}"
    return s3.put(bucket, key, archive)


def source_archive() -> bytes:
    """The scripts as sourcedir.tar.gz; the same scripts always give the same bytes."""
    scripts = sorted((REMOTE / "sagemaker").glob("*.py"))
    return tarball({script.name: script.read_bytes() for script in scripts})


def model_of(target: Target, name: str) -> str:
    """The name of the model that a job of this stack trains.

    Raises:
        NrtiError: the job does not exist, or nrti did not start it for this stack.
    """
    jobs = TrainingJobs(target)
    found = jobs.tags(jobs.job(name))
    if found.get(STACK_TAG) != target.stack or MODEL_TAG not in found:
        whose = f"is of stack {found[STACK_TAG]!r}" if STACK_TAG in found else "was not started by nrti train"
        raise NrtiError(f"training job {name} {whose}", hint=f"name one of stack {target.stack!r}")
    return found[MODEL_TAG]

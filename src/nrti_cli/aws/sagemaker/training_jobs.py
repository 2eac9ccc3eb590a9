"""SageMaker: training jobs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from nrti_cli.aws.errors import message
from nrti_cli.aws.sagemaker.endpoints import within_limits
from nrti_cli.errors import NrtiError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_sagemaker.client import SageMakerClient
    from mypy_boto3_sagemaker.type_defs import (
        CreateTrainingJobRequestTypeDef,
        DescribeTrainingJobResponseTypeDef,
    )

    from nrti_cli.aws.target import Target


@dataclass(frozen=True)
class TrainingJob:
    """A training job, from DescribeTrainingJob.

    Attributes:
        status: InProgress, Completed, Failed, Stopping or Stopped.
        step: the secondary status, such as Downloading, Training or Uploading.
        reason: why it failed, or empty.
        artifact: the `s3://` URI of its model.tar.gz; empty until it is completed.
        arn: its ARN.
        source: the `s3://` URI of its script's sourcedir.tar.gz, or empty.
        own: whether it runs the user's own script.
        metrics: the metrics that SageMaker found in its log.
    """

    name: str
    status: str
    step: str = ""
    reason: str = ""
    artifact: str = ""
    arn: str = ""
    source: str = ""
    own: bool = False
    metrics: Mapping[str, float] = field(default_factory=dict)


class TrainingJobs:
    """The SageMaker calls about training jobs that nrti makes."""

    def __init__(self, target: Target) -> None:
        self._client: SageMakerClient = target.client("sagemaker")

    def start(self, request: CreateTrainingJobRequestTypeDef) -> None:
        """Starts a training job.

        Raises:
            NrtiError: a quota of the account is exhausted, or there is no such instance type.
        """
        try:
            with within_limits("use another --instance-type, or request an increase in Service Quotas"):
                self._client.create_training_job(**request)
        except ClientError as error:
            # SageMaker's own message lists about a hundred types.
            if "'resourceConfig.instanceType'" not in message(error):
                raise
            instance = request["ResourceConfig"].get("InstanceType")
            raise NrtiError(
                f"{instance!r} is not an instance type for training",
                hint="use one such as --instance-type ml.m5.large or ml.c5.2xlarge",
            ) from error

    def job(self, name: str) -> TrainingJob:
        """A training job.

        Raises:
            NrtiError: it does not exist.
        """
        try:
            return _training_job(self._client.describe_training_job(TrainingJobName=name))
        except ClientError as error:
            if "not found" in message(error):
                raise NrtiError(
                    f"training job {name!r} does not exist", hint="start one with nrti train"
                ) from error
            raise

    def tags(self, job: TrainingJob) -> dict[str, str]:
        """The tags of a training job."""
        return {tag["Key"]: tag["Value"] for tag in self._client.list_tags(ResourceArn=job.arn)["Tags"]}

    def names(self, contains: str) -> Iterator[str]:
        """The names of the training jobs that contain a text, newest first."""
        pages = self._client.get_paginator("list_training_jobs").paginate(
            NameContains=contains, SortBy="CreationTime", SortOrder="Descending"
        )
        for page in pages:
            yield from (job["TrainingJobName"] for job in page["TrainingJobSummaries"])

    def completed(self, contains: str) -> Iterator[str]:
        """The names of the completed training jobs that contain a text, newest first."""
        pages = self._client.get_paginator("list_training_jobs").paginate(
            NameContains=contains, StatusEquals="Completed", SortBy="CreationTime", SortOrder="Descending"
        )
        for page in pages:
            for job in page["TrainingJobSummaries"]:
                yield job["TrainingJobName"]


def _training_job(found: DescribeTrainingJobResponseTypeDef) -> TrainingJob:
    given = found.get("HyperParameters", {})
    return TrainingJob(
        name=found["TrainingJobName"],
        status=found["TrainingJobStatus"],
        step=found.get("SecondaryStatus", ""),
        reason=found.get("FailureReason", ""),
        artifact=found.get("ModelArtifacts", {}).get("S3ModelArtifacts", ""),
        arn=found["TrainingJobArn"],
        source=given.get("sagemaker_submit_directory", "").strip('"'),
        own="sagemaker_program" in given and "nrti" not in given,
        metrics={
            metric["MetricName"]: metric["Value"]
            for metric in found.get("FinalMetricDataList", [])
            if "MetricName" in metric and "Value" in metric
        },
    )

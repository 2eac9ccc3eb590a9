"""SageMaker: training jobs, models and serverless endpoints."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from nrti_cli.aws.errors import code, message
from nrti_cli.errors import NrtiError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from mypy_boto3_sagemaker.client import SageMakerClient
    from mypy_boto3_sagemaker.type_defs import (
        CreateTrainingJobRequestTypeDef,
        DescribeEndpointOutputTypeDef,
        DescribeTrainingJobResponseTypeDef,
        ProductionVariantTypeDef,
        TagTypeDef,
    )

    from nrti_cli.aws.target import Target

#: A serverless endpoint is busy while it has one of these statuses.
BUSY = frozenset({"Creating", "Updating", "SystemUpdating", "RollingBack", "Deleting"})


@dataclass(frozen=True)
class TrainingJob:
    """A training job as DescribeTrainingJob tells it.

    Attributes:
        status: InProgress, Completed, Failed, Stopping or Stopped.
        step: what it is doing, such as Downloading, Training or Uploading.
        reason: why it failed, or nothing.
        artifact: the `s3://` URI of its model.tar.gz, or nothing before it is completed.
    """

    name: str
    status: str
    step: str = ""
    reason: str = ""
    artifact: str = ""


@dataclass(frozen=True)
class Endpoint:
    """An endpoint as DescribeEndpoint tells it.

    Attributes:
        status: Creating, InService, Updating, Failed, ...
        config: the name of the endpoint configuration in service (the previous one during an update).
        reason: why it failed, or nothing.
    """

    name: str
    status: str
    config: str
    created: datetime
    updated: datetime
    reason: str = ""


@dataclass(frozen=True)
class EndpointConfig:
    """What an endpoint serves: a model, and the tags that the configuration carries."""

    name: str
    model: str
    tags: Mapping[str, str]


class SageMaker:
    """The SageMaker calls that nrti makes."""

    def __init__(self, target: Target) -> None:
        self._client: SageMakerClient = target.client("sagemaker")

    def start_training(self, request: CreateTrainingJobRequestTypeDef) -> None:
        """Starts a training job."""
        self._client.create_training_job(**request)

    def training_job(self, name: str) -> TrainingJob:
        """The state of a training job.

        Raises:
            NrtiError: there is none of that name.
        """
        try:
            return _training_job(self._client.describe_training_job(TrainingJobName=name))
        except ClientError as error:
            if "not found" in message(error):
                raise NrtiError(
                    f"there is no training job {name!r}", hint="start one with nrti train"
                ) from error
            raise

    def completed_jobs(self, contains: str) -> Iterator[str]:
        """The names of completed training jobs, the newest first."""
        pages = self._client.get_paginator("list_training_jobs").paginate(
            NameContains=contains, StatusEquals="Completed", SortBy="CreationTime", SortOrder="Descending"
        )
        for page in pages:
            for job in page["TrainingJobSummaries"]:
                yield job["TrainingJobName"]

    def create_model(
        self, name: str, *, image: str, artifact: str, role: str, environment: Mapping[str, str],
        tags: Mapping[str, str],
    ) -> None:  # fmt: skip
        """Registers an artifact with the image that serves it."""
        container = {"Image": image, "ModelDataUrl": artifact, "Environment": dict(environment)}
        self._client.create_model(
            ModelName=name,
            ExecutionRoleArn=role,
            PrimaryContainer=container,  # type: ignore[arg-type]
            Tags=tag_list(tags),
        )

    def artifact(self, model: str) -> str:
        """The `s3://` URI of a model's artifact, or nothing if the model has gone or holds none."""
        try:
            container = self._client.describe_model(ModelName=model).get("PrimaryContainer", {})
        except ClientError as error:
            if _is_missing(error):
                return ""
            raise
        return container.get("ModelDataUrl", "")

    def create_endpoint_config(
        self, name: str, *, model: str, memory: int, concurrency: int, tags: Mapping[str, str]
    ) -> None:
        """Makes a serverless configuration for one model; memory in MB, concurrency in requests."""
        variant: ProductionVariantTypeDef = {
            "VariantName": "AllTraffic",
            "ModelName": model,
            "ServerlessConfig": {"MemorySizeInMB": memory, "MaxConcurrency": concurrency},
        }
        self._client.create_endpoint_config(
            EndpointConfigName=name, ProductionVariants=[variant], Tags=tag_list(tags)
        )

    def endpoint_config(self, name: str) -> EndpointConfig | None:
        """A configuration with its tags, or None."""
        try:
            found = self._client.describe_endpoint_config(EndpointConfigName=name)
        except ClientError as error:
            if _is_missing(error):
                return None
            raise
        tags = self._client.list_tags(ResourceArn=found["EndpointConfigArn"])["Tags"]
        return EndpointConfig(
            name,
            found["ProductionVariants"][0].get("ModelName", ""),
            {tag["Key"]: tag["Value"] for tag in tags},
        )

    def endpoint(self, name: str) -> Endpoint | None:
        """The state of an endpoint, or None."""
        try:
            return _endpoint(self._client.describe_endpoint(EndpointName=name))
        except ClientError as error:
            if _is_missing(error):
                return None
            raise

    def endpoint_names(self, prefix: str) -> Iterator[str]:
        """The names of the endpoints that begin so, the newest first."""
        pages = self._client.get_paginator("list_endpoints").paginate(
            NameContains=prefix, SortBy="CreationTime", SortOrder="Descending"
        )
        for page in pages:
            for endpoint in page["Endpoints"]:
                if endpoint["EndpointName"].startswith(prefix):
                    yield endpoint["EndpointName"]

    def create_endpoint(self, name: str, config: str, tags: Mapping[str, str]) -> None:
        """Starts the creation of an endpoint."""
        self._client.create_endpoint(EndpointName=name, EndpointConfigName=config, Tags=tag_list(tags))

    def update_endpoint(self, name: str, config: str) -> None:
        """Starts to roll an endpoint over to another configuration; it goes on serving meanwhile.

        Raises:
            NrtiError: somebody else's update is in progress.
        """
        try:
            self._client.update_endpoint(EndpointName=name, EndpointConfigName=config)
        except ClientError as error:
            if "in-progress" in message(error):
                raise NrtiError(
                    f"endpoint {name} is being updated by somebody else",
                    hint="run nrti models, then try again",
                ) from error
            raise

    def delete_endpoint(self, name: str) -> None:
        """Starts the deletion of an endpoint; its configuration and model stay."""
        self._client.delete_endpoint(EndpointName=name)


def _is_missing(error: ClientError) -> bool:
    return code(error) == "ValidationException" and "Could not find" in message(error)


def tag_list(tags: Mapping[str, str]) -> list[TagTypeDef]:
    """Tags as SageMaker takes them."""
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def _training_job(found: DescribeTrainingJobResponseTypeDef) -> TrainingJob:
    return TrainingJob(
        name=found["TrainingJobName"],
        status=found["TrainingJobStatus"],
        step=found.get("SecondaryStatus", ""),
        reason=found.get("FailureReason", ""),
        artifact=found.get("ModelArtifacts", {}).get("S3ModelArtifacts", ""),
    )


def _endpoint(found: DescribeEndpointOutputTypeDef) -> Endpoint:
    return Endpoint(
        name=found["EndpointName"],
        status=found["EndpointStatus"],
        config=found.get("EndpointConfigName", ""),
        created=found["CreationTime"],
        updated=found["LastModifiedTime"],
        reason=found.get("FailureReason", ""),
    )

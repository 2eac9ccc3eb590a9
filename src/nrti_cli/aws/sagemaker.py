"""SageMaker: models, endpoint configurations and serverless endpoints."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from nrti_cli.aws.errors import code, message
from nrti_cli.aws.sagemaker_names import is_trial
from nrti_cli.errors import NrtiError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from mypy_boto3_sagemaker.client import SageMakerClient
    from mypy_boto3_sagemaker.type_defs import (
        DescribeEndpointOutputTypeDef,
        ProductionVariantOutputTypeDef,
        ProductionVariantTypeDef,
        TagTypeDef,
    )

    from nrti_cli.aws.target import Target

#: A serverless endpoint is busy while it has one of these statuses.
BUSY = frozenset({"Creating", "Updating", "SystemUpdating", "RollingBack", "Deleting"})


_FEWER_RESOURCES = "delete models that nobody needs, or ask for more in Service Quotas"
_LESS_CONCURRENCY = "pass a lower --concurrency, or ask for more in Service Quotas"


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
class Serverless:
    """What a serverless endpoint has: memory in MB, concurrency in requests at once."""

    memory: int
    concurrency: int


@dataclass(frozen=True)
class EndpointConfig:
    """What an endpoint serves: a model, with what, and the tags that the configuration carries.

    Attributes:
        variant: the name of the production variant.
        serverless: None if the endpoint has instances.
    """

    name: str
    model: str
    variant: str
    tags: Mapping[str, str]
    serverless: Serverless | None = None


class LimitError(NrtiError):
    """The account has no more of what was asked for."""


class SageMaker:
    """The calls about models and endpoints that nrti makes."""

    def __init__(self, target: Target) -> None:
        self._client: SageMakerClient = target.client("sagemaker")

    def create_model(
        self, name: str, *, image: str, artifact: str, role: str, environment: Mapping[str, str],
        tags: Mapping[str, str],
    ) -> None:  # fmt: skip
        """Registers an artifact with the image that serves it.

        Raises:
            NrtiError: a limit of the account is in the way.
        """
        container = {"Image": image, "ModelDataUrl": artifact, "Environment": dict(environment)}
        with within_limits(_FEWER_RESOURCES):
            self._client.create_model(
                ModelName=name,
                ExecutionRoleArn=role,
                PrimaryContainer=container,  # type: ignore[arg-type]
                Tags=tag_list(tags),
            )

    def delete_model(self, name: str) -> None:
        """Deletes a model; one that is gone is no error."""
        with _missing_is_fine():
            self._client.delete_model(ModelName=name)

    def model_names(self, contains: str) -> Iterator[str]:
        """The names of the models that contain a text."""
        for page in self._client.get_paginator("list_models").paginate(NameContains=contains):
            for model in page["Models"]:
                yield model["ModelName"]

    def served(self, model: str) -> tuple[str, str]:
        """Image and `s3://` URI of a model's artifact, empty if the model has gone or holds none."""
        try:
            container = self._client.describe_model(ModelName=model).get("PrimaryContainer", {})
        except ClientError as error:
            if _is_missing(error):
                return "", ""
            raise
        return container.get("Image", ""), container.get("ModelDataUrl", "")

    def create_endpoint_config(
        self, name: str, *, model: str, variant: str, serverless: Serverless, tags: Mapping[str, str]
    ) -> None:
        """Makes a serverless configuration for one model, which its only variant serves.

        Raises:
            NrtiError: a limit of the account is in the way.
        """
        production: ProductionVariantTypeDef = {
            "VariantName": variant,
            "ModelName": model,
            "ServerlessConfig": {
                "MemorySizeInMB": serverless.memory,
                "MaxConcurrency": serverless.concurrency,
            },
        }
        with within_limits(_LESS_CONCURRENCY):
            self._client.create_endpoint_config(
                EndpointConfigName=name, ProductionVariants=[production], Tags=tag_list(tags)
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
        variant = found["ProductionVariants"][0]
        return EndpointConfig(
            name,
            variant.get("ModelName", ""),
            variant["VariantName"],
            {tag["Key"]: tag["Value"] for tag in tags},
            _serverless(variant),
        )

    def delete_endpoint_config(self, name: str) -> None:
        """Deletes a configuration; one that is gone is no error."""
        with _missing_is_fine():
            self._client.delete_endpoint_config(EndpointConfigName=name)

    def endpoint_config_names(self, contains: str) -> Iterator[str]:
        """The names of the configurations that contain a text."""
        for page in self._client.get_paginator("list_endpoint_configs").paginate(NameContains=contains):
            for config in page["EndpointConfigs"]:
                yield config["EndpointConfigName"]

    def endpoint(self, name: str) -> Endpoint | None:
        """The state of an endpoint, or None."""
        try:
            return _endpoint(self._client.describe_endpoint(EndpointName=name))
        except ClientError as error:
            if _is_missing(error):
                return None
            raise

    def endpoint_names(self, prefix: str) -> Iterator[str]:
        """The names of the endpoints that begin so, the newest first, without the temporary ones."""
        return (name for name in self._endpoint_names(prefix) if not is_trial(name))

    def trials(self, base: str) -> Iterator[str]:
        """The names of the temporary endpoints of a model, whose names begin with `base`."""
        return (name for name in self._endpoint_names(base) if is_trial(name) and len(name) == len(base) + 18)

    def _endpoint_names(self, prefix: str) -> Iterator[str]:
        pages = self._client.get_paginator("list_endpoints").paginate(
            NameContains=prefix, SortBy="CreationTime", SortOrder="Descending"
        )
        for page in pages:
            for endpoint in page["Endpoints"]:
                if endpoint["EndpointName"].startswith(prefix):
                    yield endpoint["EndpointName"]

    def create_endpoint(self, name: str, config: str, tags: Mapping[str, str]) -> None:
        """Starts the creation of an endpoint.

        Raises:
            NrtiError: somebody else has created it, or a limit of the account is in the way.
        """
        with _alone(name), within_limits(_LESS_CONCURRENCY):
            self._client.create_endpoint(EndpointName=name, EndpointConfigName=config, Tags=tag_list(tags))

    def update_endpoint(self, name: str, config: str) -> None:
        """Starts to roll an endpoint over to another configuration; it goes on serving meanwhile.

        Raises:
            NrtiError: somebody else's update is in progress, or a limit of the account is in the way.
        """
        with _alone(name), within_limits(_LESS_CONCURRENCY):
            self._client.update_endpoint(EndpointName=name, EndpointConfigName=config)

    def delete_endpoint(self, name: str) -> None:
        """Starts the deletion of an endpoint, whose configuration and model stay; one gone is no error."""
        with _missing_is_fine():
            self._client.delete_endpoint(EndpointName=name)


@contextmanager
def within_limits(hint: str) -> Iterator[None]:
    """Says a limit of the account as one line.

    Raises:
        LimitError: the account has no more of what was asked for.
    """
    try:
        yield
    except ClientError as error:
        if code(error) != "ResourceLimitExceeded":
            raise
        # What follows in AWS's text is the address of a page about quotas.
        reason = message(error).partition(" Please ")[0].rstrip(".")
        raise LimitError(f"the account is at a limit: {reason}", hint=hint) from error


@contextmanager
def _alone(name: str) -> Iterator[None]:
    """Says that somebody else is at work on an endpoint as one line.

    Raises:
        NrtiError: somebody is.
    """
    try:
        yield
    except ClientError as error:
        told = message(error)
        if "in-progress" not in told and "already existing" not in told:
            raise
        raise NrtiError(
            f"somebody else is just publishing to endpoint {name}",
            hint="wait until nrti models shows it InService",
        ) from error


@contextmanager
def _missing_is_fine() -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        if not _is_missing(error):
            raise


def _is_missing(error: ClientError) -> bool:
    return code(error) == "ValidationException" and "Could not find" in message(error)


def tag_list(tags: Mapping[str, str]) -> list[TagTypeDef]:
    """Tags as SageMaker takes them."""
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def _serverless(variant: ProductionVariantOutputTypeDef) -> Serverless | None:
    config = variant.get("ServerlessConfig")
    return Serverless(config["MemorySizeInMB"], config["MaxConcurrency"]) if config else None


def _endpoint(found: DescribeEndpointOutputTypeDef) -> Endpoint:
    return Endpoint(
        name=found["EndpointName"],
        status=found["EndpointStatus"],
        config=found.get("EndpointConfigName", ""),
        created=found["CreationTime"],
        updated=found["LastModifiedTime"],
        reason=found.get("FailureReason", ""),
    )

"""SageMaker: models, endpoint configurations and serverless endpoints."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from nrti_cli.aws.errors import code, message
from nrti_cli.aws.sagemaker.names import is_trial
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

#: The statuses in which a serverless endpoint cannot be changed.
BUSY = frozenset({"Creating", "Updating", "SystemUpdating", "RollingBack", "Deleting"})


_FEWER_RESOURCES = "delete unused models, or request an increase in Service Quotas"
_LESS_CONCURRENCY = "use a lower --concurrency, or request an increase in Service Quotas"


@dataclass(frozen=True)
class Endpoint:
    """An endpoint, from DescribeEndpoint.

    Attributes:
        status: Creating, InService, Updating, Failed, ...
        config: the endpoint configuration in service (the previous one during an update).
        reason: why it failed, or empty.
    """

    name: str
    status: str
    config: str
    created: datetime
    updated: datetime
    reason: str = ""


@dataclass(frozen=True)
class Serverless:
    """The configuration of a serverless endpoint: memory in MB, and maximum concurrency."""

    memory: int
    concurrency: int


@dataclass(frozen=True)
class EndpointConfig:
    """An endpoint configuration: the model, its resources, and the configuration's tags.

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
    """A quota of the account is exhausted."""


class SageMaker:
    """The SageMaker calls about models and endpoints that nrti makes."""

    def __init__(self, target: Target) -> None:
        self._client: SageMakerClient = target.client("sagemaker")

    def create_model(
        self, name: str, *, image: str, artifact: str, role: str, environment: Mapping[str, str],
        tags: Mapping[str, str],
    ) -> None:  # fmt: skip
        """Creates a SageMaker model from an artifact and its serving image.

        Raises:
            NrtiError: a quota of the account is exhausted.
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
        """Deletes a model, if it exists."""
        with _missing_is_fine():
            self._client.delete_model(ModelName=name)

    def model_names(self, contains: str) -> Iterator[str]:
        """The names of the models that contain a text."""
        for page in self._client.get_paginator("list_models").paginate(NameContains=contains):
            for model in page["Models"]:
                yield model["ModelName"]

    def served(self, model: str) -> tuple[str, str]:
        """Image and artifact URI of a model, empty if it does not exist or has none."""
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
        """Creates a serverless endpoint configuration for one model, with a single variant.

        Raises:
            NrtiError: a quota of the account is exhausted.
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
        """An endpoint configuration with its tags, or None."""
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

    def tag_endpoint_config(self, name: str, tags: Mapping[str, str]) -> None:
        """Adds tags to an endpoint configuration, unless it was deleted meanwhile."""
        with _missing_is_fine():
            found = self._client.describe_endpoint_config(EndpointConfigName=name)
            self._client.add_tags(ResourceArn=found["EndpointConfigArn"], Tags=tag_list(tags))

    def delete_endpoint_config(self, name: str) -> None:
        """Deletes an endpoint configuration, if it exists."""
        with _missing_is_fine():
            self._client.delete_endpoint_config(EndpointConfigName=name)

    def endpoint_config_names(self, contains: str) -> Iterator[str]:
        """The names of the endpoint configurations that contain a text."""
        for page in self._client.get_paginator("list_endpoint_configs").paginate(NameContains=contains):
            for config in page["EndpointConfigs"]:
                yield config["EndpointConfigName"]

    def endpoint(self, name: str) -> Endpoint | None:
        """An endpoint, or None."""
        try:
            return _endpoint(self._client.describe_endpoint(EndpointName=name))
        except ClientError as error:
            if _is_missing(error):
                return None
            raise

    def endpoint_names(self, prefix: str) -> Iterator[str]:
        """The names of the endpoints with a prefix, newest first, without temporary ones."""
        return (name for name in self._endpoint_names(prefix) if not is_trial(name))

    def trials(self, base: str) -> Iterator[str]:
        """The names of a model's temporary endpoints, which begin with `base`."""
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
            NrtiError: another user has created it, or a quota of the account is exhausted.
        """
        with _alone(name), within_limits(_LESS_CONCURRENCY):
            self._client.create_endpoint(EndpointName=name, EndpointConfigName=config, Tags=tag_list(tags))

    def update_endpoint(self, name: str, config: str) -> None:
        """Starts an update to another configuration; the endpoint stays in service.

        Raises:
            NrtiError: another update is in progress, or a quota of the account is exhausted.
        """
        with _alone(name), within_limits(_LESS_CONCURRENCY):
            self._client.update_endpoint(EndpointName=name, EndpointConfigName=config)

    def delete_endpoint(self, name: str) -> None:
        """Starts the deletion of an endpoint, if it exists; configuration and model are kept."""
        with _missing_is_fine():
            self._client.delete_endpoint(EndpointName=name)


@contextmanager
def within_limits(hint: str) -> Iterator[None]:
    """Reports an exhausted quota in one line.

    Raises:
        LimitError: a quota of the account is exhausted.
    """
    try:
        yield
    except ClientError as error:
        if code(error) != "ResourceLimitExceeded":
            raise
        # The rest of AWS's message is the address of a page about quotas.
        reason = message(error).partition(" Please ")[0].rstrip(".")
        raise LimitError(f"a quota of the account is exhausted: {reason}", hint=hint) from error


@contextmanager
def _alone(name: str) -> Iterator[None]:
    """Reports a concurrent operation on an endpoint in one line.

    Raises:
        NrtiError: another operation is in progress.
    """
    try:
        yield
    except ClientError as error:
        reason = message(error)
        if "in-progress" not in reason and "already existing" not in reason:
            raise
        raise NrtiError(
            f"endpoint {name} is being updated by another user",
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
    """Tags in SageMaker's format."""
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

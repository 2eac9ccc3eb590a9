"""SageMaker: finds all resources of a stack, and deletes them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from botocore.exceptions import ClientError

from nrti_cli.aws.errors import code, message

if TYPE_CHECKING:
    from botocore.paginate import Paginator
    from mypy_boto3_sagemaker.client import SageMakerClient

    from nrti_cli.aws.target import Target

Kind = Literal["endpoint", "endpoint configuration", "model", "training job"]

#: The tag that names the stack of a resource. Names are ambiguous: `a-b-c` could belong to `a` or `a-b`.
STACK_TAG = "nrti:stack"


@dataclass(frozen=True)
class Owned:
    """A SageMaker resource of a stack; only training jobs have a status."""

    kind: Kind
    name: str
    status: str = ""

    @property
    def runs(self) -> bool:
        """Whether it is a running training job, which must end before it can be deleted."""
        return self.status in {"InProgress", "Stopping"}


class SageMakerCleanup:
    """Lists and deletes the SageMaker resources that carry the stack's tag."""

    def __init__(self, target: Target) -> None:
        self._client: SageMakerClient = target.client("sagemaker")
        self._stack = target.stack

    def owned(self) -> list[Owned]:
        """The resources, in the order of their deletion: each before those that it uses."""
        return [
            *self._list("training job", "list_training_jobs", "TrainingJob"),
            *self._list("endpoint", "list_endpoints", "Endpoint"),
            *self._list("endpoint configuration", "list_endpoint_configs", "EndpointConfig"),
            *self._list("model", "list_models", "Model"),
        ]

    def _list(self, kind: Kind, operation: str, noun: str) -> Iterator[Owned]:
        paginator: Paginator[Any] = self._client.get_paginator(operation)  # type: ignore[call-overload]
        for page in paginator.paginate(NameContains=f"{self._stack}-"):
            for each in next(value for key, value in page.items() if key.startswith(noun)):
                name = each[f"{noun}Name"]
                if name.startswith(f"{self._stack}-") and self._is_tagged(each[f"{noun}Arn"]):
                    yield Owned(kind, name, each.get("TrainingJobStatus", ""))

    def _is_tagged(self, arn: str) -> bool:
        try:
            tags = self._client.list_tags(ResourceArn=arn)["Tags"]
        except ClientError as error:
            if _is_missing(error):
                return False
            raise
        return {"Key": STACK_TAG, "Value": self._stack} in tags

    def delete(self, owned: Owned) -> None:
        """Starts the deletion of a resource, or stops a running training job; a missing one is ignored."""
        client = self._client
        try:
            match owned.kind:
                case "endpoint":
                    client.delete_endpoint(EndpointName=owned.name)
                case "endpoint configuration":
                    client.delete_endpoint_config(EndpointConfigName=owned.name)
                case "model":
                    client.delete_model(ModelName=owned.name)
                case "training job" if owned.status == "InProgress":
                    client.stop_training_job(TrainingJobName=owned.name)
                case "training job" if not owned.runs:
                    client.delete_training_job(TrainingJobName=owned.name)
        except ClientError as error:
            if not _is_missing(error):
                raise


def _is_missing(error: ClientError) -> bool:
    gone = ("Could not find", "not found", "does not exist")
    return code(error) in {"ValidationException", "ResourceNotFound"} and any(
        text in message(error) for text in gone
    )

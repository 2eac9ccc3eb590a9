"""SageMaker: finding what belongs to a stack, of every kind, and deleting it."""

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

#: The tag by which a resource says whose it is. Names alone do not: `a-b-c` could be stack `a`'s or `a-b`'s.
STACK_TAG = "nrti:stack"


@dataclass(frozen=True)
class Owned:
    """A SageMaker resource of a stack; the status is told of training jobs alone."""

    kind: Kind
    name: str
    status: str = ""

    @property
    def runs(self) -> bool:
        """Whether it is a training job that has to end before it can be deleted."""
        return self.status in {"InProgress", "Stopping"}


class SageMakerCleanup:
    """Lists and deletes the SageMaker resources that carry the stack's tag."""

    def __init__(self, target: Target) -> None:
        self._client: SageMakerClient = target.client("sagemaker")
        self._stack = target.stack

    def owned(self) -> list[Owned]:
        """What is to be deleted, in the order in which it should be: what uses comes before what is used."""
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
        """Begins to delete a resource, or to stop a training job that runs; one that is gone is no error."""
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

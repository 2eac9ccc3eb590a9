"""The artifact of the model in service, which a training job evaluates together with the new model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nrti_cli.aws.s3.objects import S3
from nrti_cli.aws.sagemaker.endpoints import SageMaker
from nrti_cli.stack.names import artifacts_bucket, endpoint_name

if TYPE_CHECKING:
    from nrti_cli.aws.target import Target


def artifact_in_service(target: Target, model: str) -> str:
    """The `s3://` URI of its artifact; empty if a training job of this stack could not read it."""
    client, bucket = SageMaker(target), artifacts_bucket(target)
    endpoint = client.endpoint(endpoint_name(target.stack, model))
    config = client.endpoint_config(endpoint.config) if endpoint and endpoint.config else None
    uri = client.served(config.model)[1] if config else ""
    key = uri.removeprefix(f"s3://{bucket}/")
    return uri if key != uri and S3(target).object_exists(bucket, key) else ""

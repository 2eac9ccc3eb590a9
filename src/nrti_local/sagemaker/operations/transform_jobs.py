"""CreateTransformJob, DescribeTransformJob, ListTransformJobs, StopTransformJob."""

from __future__ import annotations

from typing import Any

from nrti_local.sagemaker.batch.job import CONTAINER
from nrti_local.sagemaker.batch.jobs import KIND
from nrti_local.sagemaker.batch.jsonpath import FilterError
from nrti_local.sagemaker.batch.processing import Processing
from nrti_local.sagemaker.errors import invalid
from nrti_local.sagemaker.listing import Listing
from nrti_local.sagemaker.operations.jobs import JobResource
from nrti_local.sagemaker.operations.models import container
from nrti_local.sagemaker.operations.resources import Handler, Request
from nrti_local.sagemaker.service import Service

TRANSFORM_JOB = JobResource(
    KIND,
    "transform job",
    "TransformJob",
    Listing("TransformJobSummaries", "TransformJobName", status="TransformJobStatus"),
    jobs=lambda service: service.transform_jobs,
    taken="Job name must be unique within an AWS account and region, and a job with this name already exists "
    "({arn})",
    unknown="Could not find requested job with name: {name}",
)
_PAYLOADS_MEGABYTES = 100


def create(service: Service, request: Request) -> dict[str, Any]:
    """CreateTransformJob."""
    TRANSFORM_JOB.check_name(service, request)
    model = container(service, request)
    _check(request)
    document = {**TRANSFORM_JOB.draft(service, request), **_completed(request), CONTAINER: model}
    service.transform_jobs.start(document)
    return document


def _check(request: Request) -> None:
    source = request["TransformInput"]["DataSource"]["S3DataSource"]["S3DataType"]
    split = request["TransformInput"].get("SplitType", "None")
    if source != "S3Prefix":
        raise invalid(f"S3DataType {source} is not in the embedded AWS; name an S3Prefix.")
    if split not in {"None", "Line"}:
        raise invalid(f"SplitType {split} is not in the embedded AWS; it has Line and None.")
    payloads = request.get("MaxConcurrentTransforms", 1) * request.get("MaxPayloadInMB", 6)
    if payloads > _PAYLOADS_MEGABYTES:
        raise invalid(
            f"MaxConcurrentTransforms times MaxPayloadInMB must not exceed {_PAYLOADS_MEGABYTES} MB."
        )
    try:
        Processing.of(request).check()
    except FilterError as error:
        raise invalid(f"{error}.") from error


def _completed(request: Request) -> dict[str, Any]:
    """Returns the default values that AWS adds to a request."""
    return {
        "TransformInput": {"CompressionType": "None", "SplitType": "None", **request["TransformInput"]},
        "TransformOutput": {"AssembleWith": "None", "KmsKeyId": "", **request["TransformOutput"]},
    }


HANDLERS: dict[str, Handler] = {
    "CreateTransformJob": create,
    "DescribeTransformJob": TRANSFORM_JOB.describe,
    "ListTransformJobs": TRANSFORM_JOB.list,
    "StopTransformJob": TRANSFORM_JOB.stop,
}

"""CreateTrainingJob, DescribeTrainingJob, ListTrainingJobs, StopTrainingJob, DeleteTrainingJob."""

from __future__ import annotations

import re
from typing import Any

from nrti_local.sagemaker.errors import invalid
from nrti_local.sagemaker.listing import Listing
from nrti_local.sagemaker.operations.jobs import JobResource
from nrti_local.sagemaker.operations.resources import Handler, Request
from nrti_local.sagemaker.service import Service
from nrti_local.sagemaker.training.jobs import KIND
from nrti_local.server.shared.errors import ServiceError

TRAINING_JOB = JobResource(
    KIND,
    "training job",
    "TrainingJob",
    Listing("TrainingJobSummaries", "TrainingJobName", status="TrainingJobStatus", descending=False),
    jobs=lambda service: service.training_jobs,
    taken="Training job names must be unique within an AWS account and region, and a training job with this "
    "name already exists ({arn})",
    unknown="Requested resource not found.",
)
_ENDED = {"Completed", "Failed", "Stopped"}
_DAY_SECONDS = 24 * 60 * 60
_DEFAULTS = {
    "EnableNetworkIsolation": False,
    "EnableInterContainerTrafficEncryption": False,
    "EnableManagedSpotTraining": False,
}


def create(service: Service, request: Request) -> dict[str, Any]:
    """CreateTrainingJob."""
    TRAINING_JOB.check_name(service, request)
    for required in ("AlgorithmSpecification", "ResourceConfig"):
        if required not in request:
            raise invalid(f"{required} is required.")
    _check_metrics(request)
    draft = TRAINING_JOB.draft(service, request)
    document = {**_DEFAULTS, **draft, **_completed(request), "TrainingJobStatus": "InProgress"}
    service.training_jobs.start(document)
    return document


def _completed(request: Request) -> dict[str, Any]:
    """Returns the default values that AWS adds to a request; SDKs read them."""
    defaults = {"CompressionType": "None", "RecordWrapperType": "None"}
    channels = [{**defaults, **channel} for channel in request.get("InputDataConfig", [])]
    return {
        **({"InputDataConfig": channels} if channels else {}),
        "OutputDataConfig": {"KmsKeyId": "", "CompressionType": "GZIP", **request["OutputDataConfig"]},
        "StoppingCondition": {"MaxRuntimeInSeconds": _DAY_SECONDS, **request.get("StoppingCondition", {})},
    }


def delete(service: Service, request: Request) -> dict[str, Any]:
    """DeleteTrainingJob; the artifacts stay."""
    document = TRAINING_JOB.describe(service, request)
    if document["TrainingJobStatus"] not in _ENDED:
        raise ServiceError(
            "ResourceInUse",
            f"Training job {document['TrainingJobArn']} is in status {document['TrainingJobStatus']}.",
        )
    return TRAINING_JOB.delete(service, request)


def _check_metrics(request: Request) -> None:
    for metric in request["AlgorithmSpecification"].get("MetricDefinitions", []):
        try:
            groups = re.compile(metric["Regex"]).groups
        except re.error as error:
            raise invalid(
                f"The regular expression of metric {metric['Name']} is not valid: {error}"
            ) from error
        if not groups:
            raise invalid(f"The regular expression of metric {metric['Name']} has no capturing group.")


HANDLERS: dict[str, Handler] = {
    "CreateTrainingJob": create,
    "DescribeTrainingJob": TRAINING_JOB.describe,
    "ListTrainingJobs": TRAINING_JOB.list,
    "StopTrainingJob": TRAINING_JOB.stop,
    "DeleteTrainingJob": delete,
}

"""AddTags, ListTags, DeleteTags, for every kind of resource."""

from __future__ import annotations

from typing import Any

from nrti_local.sagemaker.errors import invalid, missing
from nrti_local.sagemaker.operations.endpoint_configs import ENDPOINT_CONFIG
from nrti_local.sagemaker.operations.endpoints import ENDPOINT
from nrti_local.sagemaker.operations.models import MODEL
from nrti_local.sagemaker.operations.resources import Handler, Request
from nrti_local.sagemaker.operations.training_jobs import TRAINING_JOB
from nrti_local.sagemaker.operations.transform_jobs import TRANSFORM_JOB
from nrti_local.sagemaker.service import Service

_RESOURCES = {
    resource.kind: resource for resource in (ENDPOINT_CONFIG, ENDPOINT, MODEL, TRAINING_JOB, TRANSFORM_JOB)
}
_PAGE = 50


def add(service: Service, request: Request) -> dict[str, Any]:
    """AddTags."""
    arn = _arn(service, request)
    service.store.tag(arn, {tag["Key"]: tag["Value"] for tag in request["Tags"]})
    return {"Tags": _tags(service, arn)}


def list_tags(service: Service, request: Request) -> dict[str, Any]:
    """ListTags."""
    tags = _tags(service, _arn(service, request))
    start, size = _start(request), request.get("MaxResults", _PAGE)
    result: dict[str, Any] = {"Tags": tags[start : start + size]}
    if start + size < len(tags):
        result["NextToken"] = str(start + size)
    return result


def delete(service: Service, request: Request) -> dict[str, Any]:
    """DeleteTags."""
    service.store.untag(_arn(service, request), request["TagKeys"])
    return {}


def _tags(service: Service, arn: str) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in service.store.tags(arn).items()]


def _arn(service: Service, request: Request) -> str:
    arn = str(request["ResourceArn"])
    kind, _, name = arn.rsplit(":", 1)[-1].partition("/")
    resource = _RESOURCES.get(kind)
    if resource is None:
        raise invalid(f"The local SageMaker has no resource {arn}.")
    if service.store.get(kind, name) is None:
        raise missing(resource.title, arn)
    return resource.arn(service, name)


def _start(request: Request) -> int:
    token = request.get("NextToken", "0")
    if not token.isdecimal():
        raise invalid("Invalid pagination token.")
    return int(token)


HANDLERS: dict[str, Handler] = {"AddTags": add, "ListTags": list_tags, "DeleteTags": delete}

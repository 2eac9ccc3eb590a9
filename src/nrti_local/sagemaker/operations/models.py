"""CreateModel, DescribeModel, ListModels, DeleteModel."""

from __future__ import annotations

from typing import Any

from nrti_local.sagemaker.errors import invalid
from nrti_local.sagemaker.listing import Listing
from nrti_local.sagemaker.operations.resources import Handler, Request, Resource
from nrti_local.sagemaker.service import Service

MODEL = Resource("model", "model", "Model", Listing("Models", "ModelName"))


def container(service: Service, request: Request) -> dict[str, Any]:
    """Returns the container of the model that a request names.

    Raises:
        ServiceError: the model does not exist, or has more containers or models than one.
    """
    model = MODEL.find(service, request)
    containers = [model["PrimaryContainer"]] if model.get("PrimaryContainer") else model.get("Containers", [])
    if len(containers) > 1:
        raise invalid("A model of several containers is not in the embedded AWS.")
    if any(each.get("Mode") == "MultiModel" for each in containers):
        raise invalid("A container with several models is not in the embedded AWS.")
    return dict(containers[0]) if containers else {}


HANDLERS: dict[str, Handler] = {
    "CreateModel": MODEL.create,
    "DescribeModel": MODEL.find,
    "ListModels": MODEL.list,
    "DeleteModel": MODEL.delete,
}

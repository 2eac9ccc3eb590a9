"""CreateModel, DescribeModel, ListModels, DeleteModel."""

from __future__ import annotations

from typing import Any

from nrti_local.sagemaker.listing import Listing
from nrti_local.sagemaker.operations.resources import Handler, Request, Resource
from nrti_local.sagemaker.service import Service

MODEL = Resource("model", "model", "Model", Listing("Models", "ModelName"))


def container(service: Service, request: Request) -> dict[str, Any]:
    """Returns the container of the model that a request names."""
    model = MODEL.find(service, request)
    return dict(model.get("PrimaryContainer") or next(iter(model.get("Containers", [])), {}))


HANDLERS: dict[str, Handler] = {
    "CreateModel": MODEL.create,
    "DescribeModel": MODEL.find,
    "ListModels": MODEL.list,
    "DeleteModel": MODEL.delete,
}

"""CreateModel, DescribeModel, ListModels, DeleteModel."""

from __future__ import annotations

from nrti_cli.local.sagemaker.listing import Listing
from nrti_cli.local.sagemaker.operations.resources import Handler, Resource

MODEL = Resource("model", "model", "Model", Listing("Models", "ModelName"))

HANDLERS: dict[str, Handler] = {
    "CreateModel": MODEL.create,
    "DescribeModel": MODEL.find,
    "ListModels": MODEL.list,
    "DeleteModel": MODEL.delete,
}

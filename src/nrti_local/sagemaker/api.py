"""The SageMaker API as botocore models it: requests are checked and answers shaped by it."""

from __future__ import annotations

import json
from typing import Any

from botocore.model import (
    ListShape,
    MapShape,
    OperationModel,
    OperationNotFoundError,
    ServiceModel,
    Shape,
    StructureShape,
)

from nrti_local.sagemaker import constraints
from nrti_local.sagemaker.errors import ServiceError
from nrti_local.server.sdk import MODELS


class Api:
    """The control plane's model."""

    def __init__(self) -> None:
        self._model = ServiceModel(MODELS.load_service_model("sagemaker", "service-2"), "sagemaker")

    def knows(self, operation: str) -> bool:
        """Whether AWS has the operation."""
        return operation in self._model.operation_names

    def read(self, operation: str, body: bytes) -> dict[str, Any]:
        """The request's members.

        Raises:
            ServiceError: no such operation, not JSON, or not what the operation takes.
        """
        shape = self._operation(operation).input_shape
        try:
            request = json.loads(body or b"{}")
        except ValueError as error:
            raise ServiceError("SerializationException", f"the body is not JSON: {error}") from error
        except RecursionError:
            raise ServiceError("SerializationException", "the body is nested too deeply") from None
        if shape is not None:
            constraints.check(shape, request)
        return dict(request)

    def answer(self, operation: str, result: dict[str, Any]) -> dict[str, Any]:
        """The members of a result that the operation's answer has; others are this program's own."""
        shape = self._operation(operation).output_shape
        return {} if shape is None else _shaped(shape, result)

    def _operation(self, name: str) -> OperationModel:
        try:
            return self._model.operation_model(name)
        except OperationNotFoundError:
            raise ServiceError("UnknownOperationException", f"SageMaker has no operation {name}") from None


def _shaped(shape: Shape, value: Any) -> Any:
    if isinstance(shape, StructureShape):
        present = {name: value.get(name) for name in shape.members}
        return {
            name: _shaped(shape.members[name], item) for name, item in present.items() if item is not None
        }
    if isinstance(shape, ListShape):
        return [_shaped(shape.member, item) for item in value]
    if isinstance(shape, MapShape):
        return {key: _shaped(shape.value, item) for key, item in value.items()}
    return value

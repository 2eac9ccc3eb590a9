"""The API of an AWS service as botocore models it: checks requests and shapes responses."""

from __future__ import annotations

import json
from collections.abc import Callable
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

from nrti_local.server.shared import constraints
from nrti_local.server.shared.errors import ServiceError
from nrti_local.server.shared.sdk import MODELS


class ApiModel:
    """The model of one service.

    Args:
        service: botocore's name of the service, such as `sagemaker`.
        invalid: makes the service's error for a request that violates a constraint, from its message.
    """

    def __init__(self, service: str, invalid: Callable[[str], ServiceError]) -> None:
        self._invalid = invalid
        self._model = ServiceModel(MODELS.load_service_model(service, "service-2"), service)

    def knows(self, operation: str) -> bool:
        """Whether AWS has the operation."""
        return operation in self._model.operation_names

    def read(self, operation: str, body: bytes) -> dict[str, Any]:
        """Returns the request's members, without those that are null or that the model does not have.

        Raises:
            ServiceError: the operation is unknown, or the body is not JSON, or it violates a constraint.
        """
        shape = self._operation(operation).input_shape
        try:
            request = json.loads(body or b"{}")
        except ValueError as error:
            raise ServiceError("SerializationException", f"the body is not JSON: {error}") from error
        except RecursionError:
            raise ServiceError("SerializationException", "the body is nested too deeply") from None
        if shape is not None and (text := constraints.violations(shape, request)):
            raise self._invalid(text)
        return dict(request if shape is None else _shaped(shape, request))

    def answer(self, operation: str, result: dict[str, Any]) -> dict[str, Any]:
        """Returns the members of a result that the operation's response has."""
        shape = self._operation(operation).output_shape
        return {} if shape is None else _shaped(shape, result)

    def _operation(self, name: str) -> OperationModel:
        try:
            return self._model.operation_model(name)
        except OperationNotFoundError:
            service = self._model.service_id
            raise ServiceError("UnknownOperationException", f"{service} has no operation {name}") from None


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

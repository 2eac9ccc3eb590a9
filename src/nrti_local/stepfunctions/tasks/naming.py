"""The names of parameters in Step Functions, by the conventions of the AWS SDK for Java."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from nrti_local.stepfunctions.asl.limits import serialize

if TYPE_CHECKING:
    from botocore.model import ServiceModel, Shape

#: From a structure's shape and the name of a member to its other name and its shape.
_Member = Callable[[Any, str], tuple[str, Any]]

_CAPITALS = re.compile(r"[A-Z]{2,}(?=[A-Z][a-z])|[A-Z]{2,}")
#: Members that Java cannot name as the API does.
_RENAMED = {("AttributeValue", "NULL"): "Nul"}
#: What botocore calls the services whose names differ by more than hyphens.
_BOTOCORE = {
    "cloudwatchlogs": "logs",
    "cognitoidentityprovider": "cognito-idp",
    "costexplorer": "ce",
    "elasticloadbalancing": "elb",
    "elasticloadbalancingv2": "elbv2",
    "eventbridge": "events",
    "sfn": "stepfunctions",
    "states": "stepfunctions",
}


@lru_cache(maxsize=4096)
def java_name(name: str) -> str:
    """A member as the Java SDK names it: `DBClusterARN` is `DbClusterArn`."""
    name = _CAPITALS.sub(lambda run: run[0].capitalize(), name)
    return name[:1].upper() + name[1:]


@lru_cache(maxsize=64)
def model(service: str) -> ServiceModel | None:
    """The description of a service, by its name in a resource; None for an unknown one."""
    from botocore.exceptions import UnknownServiceError
    from botocore.model import ServiceModel

    from nrti_local.server.shared.sdk import MODELS

    name = _BOTOCORE.get(service) or _services().get(service.replace("-", ""), service)
    try:
        return ServiceModel(MODELS.load_service_model(name, "service-2"), name)
    except UnknownServiceError:
        return None


@lru_cache(maxsize=1)
def _services() -> dict[str, str]:
    """The names of all services by what resources call them."""
    from nrti_local.server.shared.sdk import MODELS

    return {name.replace("-", ""): name for name in MODELS.list_available_services("service-2")}


def service_name(description: ServiceModel) -> str:
    """A service as errors name it, such as `DynamoDb`."""
    return java_name(str(description.service_id).replace(" ", ""))


def error_name(description: ServiceModel, code: str) -> str:
    """The name of an error: what the service's description does not list is the service's general error."""
    prefix = service_name(description)
    name = code if is_listed(description, code) else prefix
    return f"{prefix}.{name}{'' if name.endswith('Exception') else 'Exception'}"


@lru_cache(maxsize=1024)
def is_listed(description: ServiceModel, code: str) -> bool:
    """Whether the description of a service lists an error."""
    return any(
        code in {shape.name, shape.metadata.get("error", {}).get("code")}
        for shape in description.error_shapes
    )


def to_request(value: Any, shape: Shape | None) -> Any:
    """The members of a request as the API names them; an object in place of a text becomes JSON.

    So does any value in place of bytes.
    """
    return _converted(value, shape, _api_member, _text)


def from_answer(value: Any, shape: Shape | None) -> Any:
    """The members of an answer as Step Functions names them; all of it is JSON."""
    return _converted(value, shape, _step_functions_member, lambda inner, _: _json(inner))


def _converted(value: Any, shape: Any, member: _Member, leaf: Callable[[Any, Any], Any]) -> Any:
    """Converts a value by its shape: the names of members by `member`, all else by `leaf`."""
    kind = shape.type_name if shape else ""
    if kind == "structure" and isinstance(value, dict):
        named = ((member(shape, name), inner) for name, inner in value.items())
        return {name: _converted(inner, of, member, leaf) for (name, of), inner in named}
    if kind == "list" and isinstance(value, list):
        return [_converted(inner, shape.member, member, leaf) for inner in value]
    if kind == "map" and isinstance(value, dict):
        return {name: _converted(inner, shape.value, member, leaf) for name, inner in value.items()}
    return leaf(value, shape)


def _text(value: Any, shape: Any) -> Any:
    kind = shape.type_name if shape else ""
    if kind == "blob":  # also a text: an object that is put by a task has quotation marks
        return serialize(value)
    return serialize(value) if kind == "string" and isinstance(value, dict | list) else value


def _json(value: Any) -> Any:
    if hasattr(value, "read"):
        value = value.read()
    if isinstance(value, bytes):
        try:
            return value.decode()
        except UnicodeDecodeError:
            return base64.b64encode(value).decode()
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return value


def _api_member(shape: Any, name: str) -> tuple[str, Any]:
    names = {_java_member(shape, member): member for member in shape.members}
    api_name = names.get(name, name)
    return api_name, shape.members.get(api_name)


def _step_functions_member(shape: Any, name: str) -> tuple[str, Any]:
    return _java_member(shape, name), shape.members.get(name)


def _java_member(shape: Any, name: str) -> str:
    return _RENAMED.get((shape.name, name)) or java_name(name)

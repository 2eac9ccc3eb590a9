"""Patches to ministack's CloudFormation: properties that it takes and forgets."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from ministack.services import apigateway_v1, stepfunctions

from nrti_local.ministack.patch import Patch

_MODULE = "ministack.services.cloudformation.provisioners"
_VALIDATOR = "_RESOURCE_HANDLERS.AWS::ApiGateway::RequestValidator"

Properties = dict[str, Any]
#: The physical id and the attributes of a resource.
Resource = tuple[str, dict[str, Any]]
Create = Callable[[str, Properties, str], Resource]


def _create_validator(_logical_id: str, properties: Properties, _stack: str) -> Resource:
    status, _, body = apigateway_v1._create_request_validator(  # noqa: SLF001
        properties["RestApiId"], {"name": properties.get("Name", ""), **_checks(properties)}
    )
    if status >= 400:
        raise ValueError(f"AWS::ApiGateway::RequestValidator create failed: {body!r}")
    made = json.loads(body)["id"]
    return made, {"RequestValidatorId": made}


def _checks(properties: Properties) -> dict[str, bool]:
    """CloudFormation's booleans may be strings."""
    return {
        name[0].lower() + name[1:]: str(properties.get(name, False)).lower() == "true"
        for name in ("ValidateRequestBody", "ValidateRequestParameters")
    }


def _update_validator(physical_id: str, old: Properties, new: Properties, stack: str) -> Resource:
    validator = apigateway_v1._request_validators.get(new["RestApiId"], {}).get(physical_id)  # noqa: SLF001
    if validator is None or any(old.get(name) != new.get(name) for name in ("RestApiId", "Name")):
        _delete_validator(physical_id, old)
        return _create_validator("", new, stack)
    validator.update(_checks(new))
    return physical_id, {"RequestValidatorId": physical_id}


def _delete_validator(physical_id: str, properties: Properties) -> None:
    apigateway_v1._delete_request_validator(properties.get("RestApiId", ""), physical_id)  # noqa: SLF001


def _method_with_validator(original: Create) -> Create:
    def create(logical_id: str, properties: Properties, stack: str) -> Resource:
        made = original(logical_id, properties, stack)
        resource = apigateway_v1._resources[properties["RestApiId"]][properties["ResourceId"]]  # noqa: SLF001
        method = resource["resourceMethods"][properties.get("HttpMethod", "ANY")]
        method["requestValidatorId"] = properties.get("RequestValidatorId")
        return made

    return create


def _logging(original: Callable[..., Resource]) -> Callable[..., Resource]:
    def put(*resource: Any, **named: Any) -> Resource:
        arn, attributes = original(*resource, **named)
        machine = stepfunctions._state_machines[arn]  # noqa: SLF001
        machine["loggingConfiguration"] = _camel(machine["loggingConfiguration"])
        return arn, attributes

    return put


def _camel(value: Any) -> Any:
    """The properties of a template in the case of Step Functions' own API."""
    if isinstance(value, list):
        return [_camel(item) for item in value]
    if isinstance(value, dict):
        return {name[0].lower() + name[1:]: _camel(item) for name, item in value.items()}
    return value == "true" if value in ("true", "false") else value


_STUB = "A RequestValidator is only a name: nothing is validated."
_MACHINE = "_RESOURCE_HANDLERS.AWS::StepFunctions::StateMachine"
_UNREADABLE = "LoggingConfiguration of a state machine is kept in the template's case, which nothing reads."

PATCHES = (
    Patch(_MODULE, f"{_VALIDATOR}.create", _STUB, lambda _: _create_validator),
    Patch(_MODULE, f"{_VALIDATOR}.update", _STUB, lambda _: _update_validator),
    Patch(_MODULE, f"{_VALIDATOR}.delete", _STUB, lambda _: _delete_validator),
    # An update of a method calls the module's function, a creation the registered one.
    Patch(
        _MODULE, "_apigw_method_create", "RequestValidatorId of a method is dropped.", _method_with_validator
    ),
    Patch(
        _MODULE,
        "_RESOURCE_HANDLERS.AWS::ApiGateway::Method.create",
        "RequestValidatorId of a method is dropped.",
        _method_with_validator,
    ),
    Patch(_MODULE, f"{_MACHINE}.create", _UNREADABLE, _logging),
    Patch(_MODULE, f"{_MACHINE}.update", _UNREADABLE, _logging),
)

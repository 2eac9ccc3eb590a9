"""Request validators of a template, by API Gateway's own API."""

from __future__ import annotations

import json
from typing import Any

from ministack.services import apigateway_v1

from nrti_local.cloudformation.deletions import unless_gone
from nrti_local.server.shared.ask import ask

Properties = dict[str, Any]
#: The physical id and the attributes of a resource.
Resource = tuple[str, dict[str, Any]]
_CHECKS = ("ValidateRequestBody", "ValidateRequestParameters")


def _create(_logical_id: str, properties: Properties, _stack: str) -> Resource:
    request = {"name": properties.get("Name", ""), **_checks(properties)}
    answer = ask(apigateway_v1, "POST", _path(properties), json.dumps(request).encode())
    made = json.loads(answer[2])["id"]
    return made, {"RequestValidatorId": made}


def _update(physical_id: str, old: Properties, new: Properties, stack: str) -> Resource:
    if any(old.get(name) != new.get(name) for name in ("RestApiId", "Name")):
        _delete(physical_id, old)
        return _create("", new, stack)
    operations = [
        {"op": "replace", "path": f"/{name}", "value": str(value).lower()}
        for name, value in _checks(new).items()
    ]
    body = json.dumps({"patchOperations": operations}).encode()
    ask(apigateway_v1, "PATCH", f"{_path(new)}/{physical_id}", body)
    return physical_id, {"RequestValidatorId": physical_id}


@unless_gone
def _delete(physical_id: str, properties: Properties) -> None:
    ask(apigateway_v1, "DELETE", f"{_path(properties)}/{physical_id}")


def _path(properties: Properties) -> str:
    return f"/restapis/{properties['RestApiId']}/requestvalidators"


def _checks(properties: Properties) -> dict[str, bool]:
    """The checks by their names in the API. Booleans of a template may be strings."""
    return {
        name[0].lower() + name[1:]: str(properties.get(name, False)).lower() == "true" for name in _CHECKS
    }


HANDLER = {"create": _create, "update": _update, "delete": _delete}

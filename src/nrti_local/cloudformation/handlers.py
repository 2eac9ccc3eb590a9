"""The patch to the resource handlers of ministack's CloudFormation.

A handler creates, updates and deletes the resources of one type. Those of the types here also apply the
properties that ministack drops (`properties`), or delete by the service's own API (`deletions`).
"""

from __future__ import annotations

from typing import Any

from nrti_local.cloudformation import deletions, properties, validators
from nrti_local.cloudformation.properties import Configure, Properties
from nrti_local.ministack.patch import Patch

#: The physical id and the attributes of a resource.
Resource = tuple[str, dict[str, Any]]
#: By `create`, `update` and `delete`; ministack keeps flags beside them.
Handler = dict[str, Any]


def _completed(handlers: dict[str, Handler]) -> dict[str, Handler]:
    """The handlers of all types, with those of the types here wrapped."""
    completed = dict(handlers)
    for kind, configure in properties.BY_TYPE.items():
        completed[kind] = {**completed[kind], **_configuring(completed[kind], configure)}
    for kind, delete in deletions.BY_TYPE.items():
        completed[kind] = {**completed[kind], "delete": delete}
    completed["AWS::ApiGateway::RequestValidator"] = validators.HANDLER
    return completed


def _configuring(handler: Handler, configure: Configure) -> Handler:
    def create(logical_id: str, given: Properties, stack: str) -> Resource:
        made, attributes = handler["create"](logical_id, given, stack)
        configure(made, given, {})
        return made, attributes

    def update(physical_id: str, old: Properties, new: Properties, *more: Any, **named: Any) -> Resource:
        made, attributes = handler["update"](physical_id, old, new, *more, **named)
        configure(made, new, old if made == physical_id else {})
        return made, attributes

    return {"create": create, "update": update}


PATCHES = (
    Patch(
        "ministack.services.cloudformation.provisioners",
        "_RESOURCE_HANDLERS",
        "Properties of many types are dropped, a RequestValidator is only a name, and deleted resources "
        "leave files, processes and settings behind.",
        _completed,
    ),
)

"""Finds the resource and the method of a REST API that serve a request.

A literal part of a path comes before a `{parameter}`, and that before a greedy `{proxy+}`. A resource that
does not have the method of the request leaves it to the closest `{proxy+}` that has.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

#: The method that stands for all methods that a resource does not name.
_ANY = "ANY"


@dataclass(frozen=True)
class Resource:
    """A resource of an API.

    Attributes:
        id: of the resource.
        path: from the root, such as `/events/{id}`.
        part: the last part of the path; empty for the root.
        methods: API Gateway's description of each method, by its name.
    """

    id: str
    path: str
    part: str
    methods: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def greedy(self) -> bool:
        """Whether it stands for the rest of a path."""
        return self.part.startswith("{") and self.part.endswith("+}")

    @property
    def variable(self) -> bool:
        """Whether it stands for any one part of a path."""
        return self.part.startswith("{") and self.part.endswith("}") and not self.greedy

    @property
    def name(self) -> str:
        """The name of the path parameter."""
        return self.part.strip("{+}")

    def method(self, name: str) -> dict[str, Any] | None:
        """Returns the description of a method, or of ANY."""
        return self.methods.get(name) or self.methods.get(_ANY)


@dataclass(frozen=True)
class Route:
    """What serves a request.

    Attributes:
        resource: of the API.
        method: API Gateway's description of it.
        parameters: the values of the path parameters.
    """

    resource: Resource
    method: dict[str, Any]
    parameters: dict[str, str]


class Resources:
    """All resources of an API.

    Args:
        records: as GetResources returns them.
    """

    def __init__(self, records: Iterable[dict[str, Any]]) -> None:
        self._root: str | None = None
        self._all: dict[str, Resource] = {}
        self._children: dict[str, list[Resource]] = defaultdict(list)
        for record in records:
            resource = Resource(
                record["id"], record["path"], record.get("pathPart", ""), record.get("resourceMethods") or {}
            )
            self._all[resource.id] = resource
            if resource.path == "/":
                self._root = resource.id
            else:
                self._children[record["parentId"]].append(resource)
        for children in self._children.values():
            children.sort(key=lambda resource: (resource.greedy, resource.variable))

    def find(self, path: str, method: str) -> Route | None:
        """Returns what serves a request, or None.

        Args:
            path: within the stage; one slash at its end does not count.
            method: of the request.
        """
        parts = path.removeprefix("/").removesuffix("/").split("/") if path.strip("/") else []
        if not parts and len(path) > 1:  # nothing but slashes
            return None
        found = self._descend(self._root, parts, {}) if self._root else None
        described = found[0].method(method) if found else None
        if found and described:
            return Route(found[0], described, found[1])
        return self._greedy(parts, method) if found else None

    def _descend(
        self, parent: str, parts: list[str], parameters: dict[str, str]
    ) -> tuple[Resource, dict[str, str]] | None:
        """The resource below another that the rest of a path leads to, and the values on the way."""
        if not parts:
            return self._all[parent], parameters
        for child in self._children.get(parent, ()):
            if child.greedy:
                return child, {**parameters, child.name: "/".join(parts)}
            if child.part != parts[0] and not (child.variable and parts[0]):
                continue
            values = {**parameters, child.name: parts[0]} if child.variable else parameters
            if found := self._descend(child.id, parts[1:], values):
                return found
        return None

    def _greedy(self, parts: list[str], method: str) -> Route | None:
        """The route by the `{proxy+}` with the longest matching path before it, if one has the method."""
        routes = [
            Route(resource, described, values)
            for resource in self._all.values()
            if resource.greedy
            and (described := resource.method(method))
            and (values := _values(resource, parts)) is not None
        ]
        return max(routes, key=lambda route: route.resource.path.count("/"), default=None)


def _values(resource: Resource, parts: list[str]) -> dict[str, str] | None:
    """The path parameters of a greedy resource for a path; None if the path is none of its."""
    before = [part for part in resource.path.split("/")[:-1] if part]
    if len(before) >= len(parts):
        return None
    values = {}
    for expected, part in zip(before, parts, strict=False):
        if expected.startswith("{"):
            values[expected.strip("{}")] = part
        elif expected != part:
            return None
    return {**values, resource.name: "/".join(parts[len(before) :])}

"""Which resource and method serve a request."""

from __future__ import annotations

from typing import Any

import pytest

from nrti_local.apigateway.routing import Resources


def resource(id_: str, parent: str, path: str, *methods: str) -> dict[str, Any]:
    part = path.rpartition("/")[2]
    described = {method: {"httpMethod": method} for method in methods}
    return {"id": id_, "parentId": parent, "pathPart": part, "path": path, "resourceMethods": described}


RESOURCES = Resources(
    [
        {"id": "root", "path": "/", "resourceMethods": {"GET": {"httpMethod": "GET"}}},
        resource("item", "items", "/items/{id}", "GET", "ANY"),
        resource("items", "root", "/items", "POST"),
        resource("newest", "items", "/items/newest", "GET"),
        resource("parts", "item", "/items/{id}/parts", "GET"),
        resource("rest", "items", "/items/{more+}", "DELETE"),
        resource("jobs", "root", "/jobs"),
        resource("everything", "root", "/{proxy+}", "PUT"),
    ]
)


@pytest.mark.parametrize(
    ("method", "path", "served_by", "parameters"),
    [
        ("GET", "/", "root", {}),
        ("POST", "/items", "items", {}),
        ("POST", "/items/", "items", {}),
        ("GET", "/items/newest", "newest", {}),
        ("GET", "/items/7", "item", {"id": "7"}),
        ("PATCH", "/items/7", "item", {"id": "7"}),
        ("GET", "/items/newest/parts", "parts", {"id": "newest"}),
        ("DELETE", "/items/7/parts/8", "rest", {"more": "7/parts/8"}),
        ("DELETE", "/items/newest", "rest", {"more": "newest"}),
        ("PUT", "/jobs", "everything", {"proxy": "jobs"}),
        ("PUT", "/a//b", "everything", {"proxy": "a//b"}),
    ],
)
def test_the_most_specific_resource_with_the_method_serves(
    method: str, path: str, served_by: str, parameters: dict[str, str]
) -> None:
    route = RESOURCES.find(path, method)

    assert route is not None
    assert (route.resource.id, route.parameters) == (served_by, parameters)
    assert route.method["httpMethod"] in (method, "ANY")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", "/"),
        ("GET", "/nowhere"),
        ("GET", "/jobs"),
        ("GET", "//"),
        ("POST", "//items"),
        ("POST", "/items//"),
        ("GET", "/items//parts"),
    ],
)
def test_nothing_serves_another_path_or_method(method: str, path: str) -> None:
    assert RESOURCES.find(path, method) is None


def test_an_api_without_resources_serves_nothing() -> None:
    assert Resources([]).find("/", "GET") is None

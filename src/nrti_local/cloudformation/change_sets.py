# ruff: noqa: SLF001
"""Patches to ministack's change sets: changes that they do not report."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ministack.services.cloudformation import engine

from nrti_local.cloudformation.recreation import settled
from nrti_local.ministack.patch import Patch, private

PRIVATE = private("ministack.services.cloudformation.engine", "_evaluate_conditions")
_MODULE = "ministack.services.cloudformation.changesets"

Template = dict[str, Any]


class _NoResourceChanges(list[Any]):
    """An empty list that is true, so that the change set counts as one with changes."""

    def __bool__(self) -> bool:
        return True


def _with_conditions(original: Callable[..., Template]) -> Callable[..., Template]:
    """Leaves out the resources whose condition is false, and keeps the outputs for the comparison."""

    def resolve(template: Template, parameters: Template, *names: str) -> Template:
        resolved = original(template, parameters, *names)
        if not resolved:
            return resolved
        conditions = engine._evaluate_conditions(template, parameters)
        resources = {
            name: resource
            for name, resource in resolved["Resources"].items()
            if conditions.get(resource.get("Condition"), True)
        }
        return {"Resources": resources, "Outputs": template.get("Outputs", {})}

    return resolve


def _with_outputs(original: Callable[..., list[Any]]) -> Callable[..., list[Any]]:
    def diff(old: Template, new: Template, *more: Any) -> list[Any]:
        changes = settled(original(old, new, *more))
        if not changes and old.get("Outputs") != new.get("Outputs"):
            return _NoResourceChanges()
        return changes

    return diff


PATCHES = (
    Patch(
        _MODULE,
        "_resolve_props_for_diff",
        "A resource that appears or goes because a condition changed is not a change.",
        _with_conditions,
    ),
    Patch(
        _MODULE,
        "_diff_resources",
        "An output that is new or different is not a change, and any change of many types, such as S3's "
        "buckets, may replace the resource.",
        _with_outputs,
    ),
)

"""The resources that a deployment creates, by the conditions of the template."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nrti_cli.stack.template import Template


def created(template: Template, given: Mapping[str, str]) -> tuple[str, ...]:
    """The logical ids of the resources that have no condition, or one that holds.

    Args:
        template: as `parse` returns it.
        given: values of parameters; the others have their defaults.
    """
    defaults = {name: each.get("Default", "") for name, each in template["Parameters"].items()}
    parameters = {**defaults, **given}
    conditions = template.get("Conditions", {})
    return tuple(
        name
        for name, resource in template["Resources"].items()
        if "Condition" not in resource or _holds(conditions[resource["Condition"]], conditions, parameters)
    )


def _holds(condition: Template, conditions: Template, parameters: Mapping[str, Any]) -> bool:
    ((function, operands),) = condition.items()
    if function == "Condition":
        return _holds(conditions[operands], conditions, parameters)
    if function == "Fn::Equals":
        left, right = (_value(operand, parameters) for operand in operands)
        return left == right
    met = (_holds(operand, conditions, parameters) for operand in operands)
    if function == "Fn::And":
        return all(met)
    return any(met) if function == "Fn::Or" else not next(met)


def _value(operand: Any, parameters: Mapping[str, Any]) -> str:
    return str(parameters[operand["Ref"]] if isinstance(operand, dict) else operand)

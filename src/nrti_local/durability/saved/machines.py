"""Which state machines there are, and whether this is a time to save them."""

from __future__ import annotations

from typing import Any

from ministack.services import stepfunctions
from ministack.services.cloudformation import _stacks


def machines() -> frozenset[object]:
    """Tells the state machines that there are apart, one that was made again under its name included."""
    return frozenset(map(identity, stepfunctions._state_machines._data.values()))  # noqa: SLF001


def identity(machine: dict[str, Any]) -> object:
    """What tells a state machine from an earlier one of its name."""
    return machine["stateMachineArn"], machine["creationDate"]


def deploying() -> bool:
    """Whether a stack is being worked on."""
    statuses = {stack["StackStatus"] for stack in _stacks._data.values()}  # noqa: SLF001
    return any(status.endswith("_IN_PROGRESS") for status in statuses - {"REVIEW_IN_PROGRESS"})

"""The state machines, and whether a stack is being deployed."""

# ruff: noqa: SLF001
from __future__ import annotations

from datetime import datetime
from typing import Any

from ministack.services import cloudformation, stepfunctions

from nrti_local.ministack.patch import private


def machines() -> frozenset[object]:
    """The identities of all state machines."""
    return frozenset(map(identity, stepfunctions._state_machines.all_values()))


def identity(machine: dict[str, Any]) -> object:
    """What distinguishes a state machine from an earlier one of its name.

    Args:
        machine: ministack's record of it, or its description by DescribeStateMachine.
    """
    created = machine["creationDate"]
    moment = datetime.fromisoformat(created).timestamp() if isinstance(created, str) else float(created)
    return machine["stateMachineArn"], moment


def deploying() -> bool:
    """Whether a stack is being deployed or deleted."""
    statuses = {stack["StackStatus"] for stack in cloudformation._stacks.all_values()}
    return any(status.endswith("_IN_PROGRESS") for status in statuses - {"REVIEW_IN_PROGRESS"})


PRIVATE = (
    *private("ministack.services.stepfunctions", "_state_machines"),
    *private("ministack.services.cloudformation", "_stacks"),
)

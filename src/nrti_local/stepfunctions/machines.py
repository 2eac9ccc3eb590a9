"""The state machines, as ministack's control plane describes them."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

from ministack.core.responses import get_account_id, get_region, request_scope
from ministack.services import stepfunctions

from nrti_local.durability.saved.machines import identity
from nrti_local.server.shared.ask import ask_json
from nrti_local.server.shared.changes import Kept

#: Account, region and ARN.
_Key = tuple[str, str, str]
#: The number of parts of an ARN that ends in a version or an alias.
_QUALIFIED = 8


@dataclass(frozen=True)
class Machine:
    """A state machine, or a version of one.

    Attributes:
        arn: of the state machine.
        runs: the ARN of what runs: the version's, or `arn`.
        identity: distinguishes the state machine from an earlier one of its name.
        description: as DescribeStateMachine answers: name, type, roleArn, definition, loggingConfiguration …
    """

    arn: str
    runs: str
    identity: object
    description: dict[str, Any]

    @property
    def name(self) -> str:
        """The name of the state machine."""
        return str(self.description["name"])

    @property
    def is_express(self) -> bool:
        """Whether executions are EXPRESS ones."""
        return bool(self.description["type"] == "EXPRESS")


def find(arn: str) -> Machine | None:
    """Finds what an ARN names in the account and region of this request; None if nothing.

    Args:
        arn: of a state machine, of a version, or of an alias, which stands for one of its versions.
    """
    scope = get_account_id(), get_region()
    qualifier = arn.rpartition(":")[2] if arn.count(":") == _QUALIFIED - 1 else ""
    if qualifier and not qualifier.isdigit():
        routes = _routes((*scope, arn))
        if not routes:
            return None
        arn = random.choices([to for to, _ in routes], [weight for _, weight in routes])[0]  # noqa: S311
    return _machines((*scope, arn))


def _read(key: _Key) -> Machine | None:
    account, region, arn = key
    base_arn = ":".join(arn.split(":")[: _QUALIFIED - 1])
    with request_scope(account, region):
        try:
            base, runs = _describe(base_arn), _describe(arn)
        except ValueError:
            return None
    return Machine(base_arn, arn, identity(base), {**runs, "name": base["name"]})


def _describe(arn: str) -> dict[str, Any]:
    answer: dict[str, Any] = ask_json(
        stepfunctions, "AWSStepFunctions.DescribeStateMachine", {"stateMachineArn": arn}
    )
    return answer


def _read_routes(key: _Key) -> tuple[tuple[str, int], ...]:
    """The versions that an alias stands for, and their weights."""
    account, region, arn = key
    operation = "AWSStepFunctions.DescribeStateMachineAlias"
    with request_scope(account, region):
        try:
            alias = ask_json(stepfunctions, operation, {"stateMachineAliasArn": arn})
        except ValueError:
            return ()
    return tuple(
        (route["stateMachineVersionArn"], route["weight"]) for route in alias["routingConfiguration"]
    )


_machines = Kept("states", _read)
_routes = Kept("states", _read_routes)

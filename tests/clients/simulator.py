"""IAM by iam-simulate, which also knows each action's resources and refuses requests that cannot be."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.policies import Policy, Request, arn
from tests.rendered import Place

#: The words of the embedded AWS for the verdicts of iam-simulate.
_WORDS = {"Allowed": "Allow", "ImplicitlyDenied": "ImplicitDeny", "ExplicitlyDenied": "Deny"}
#: AWS has no such action, and the action has no such resource.
NO_ACTION, NO_RESOURCE = "error: invalid.action", "error: no.resource.types"


@dataclass(frozen=True)
class Asked:
    """A request with what it is decided by.

    Attributes:
        request: the action and its resource.
        identity: names of the documents that the principal has.
        guard: name of the document that the resource has.
        principal: its ARN, a service's name, or empty for a user of the account.
    """

    request: Request
    identity: tuple[str, ...] = ()
    guard: str = ""
    principal: str = ""


@dataclass(frozen=True)
class Verdict:
    """What iam-simulate decides.

    Attributes:
        decision: `Allow`, `Deny`, `ImplicitDeny`, or why there can be no such request.
        resource: `*` in place of the request's if AWS does not restrict the action to a resource.
    """

    decision: str
    resource: str


Simulator = Callable[[Mapping[str, Policy], Sequence[Asked], Place], list[Verdict]]


def question(documents: Mapping[str, Policy], asked: Sequence[Asked], place: Place) -> dict[str, Any]:
    """The input of `simulate_policies.mjs`."""
    user = arn("iam:user/person", place)
    requests = [
        {
            "principal": each.principal or user,
            "action": each.request.action,
            "resource": each.request.resource,
            "account": place.account,
            "context": {"aws:SecureTransport": "true", **each.request.context},
            "identity": each.identity,
            "guard": each.guard,
        }
        for each in asked
    ]
    return {"documents": documents, "requests": requests}


def verdicts(answers: list[dict[str, str]]) -> list[Verdict]:
    """The output of `simulate_policies.mjs`."""
    return [Verdict(_WORDS.get(each["decision"], each["decision"]), each["resource"]) for each in answers]

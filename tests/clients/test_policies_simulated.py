"""The policies of the roles and of docs/ by iam-simulate, which has to decide as the embedded AWS does."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

import pytest

from nrti_local.process import REGION
from tests.clients import fidelity
from tests.clients.handlers import permissions
from tests.clients.simulator import Asked, Simulator
from tests.local.roles import ALLOWED, DENIED, PLACE
from tests.policies import (
    Policy,
    Request,
    arn,
    decide,
    of_resources,
    of_roles,
    rendered,
    with_all_options,
)
from tests.unit.aws_run import test_operator_policy, test_policy
from tests.unit.aws_run.policy import FILE, OPERATOR

pytestmark = pytest.mark.clients

_RESOURCES = with_all_options(PLACE)
_GUARDS = of_resources(_RESOURCES)
_KEY = next(name for name in _GUARDS if ":kms:" in name)
#: All policies of each role and of each file in docs/.
HOLDERS: Mapping[str, Mapping[str, Policy]] = {
    **of_roles(_RESOURCES),
    **{file.stem: {"": json.loads(file.read_text())} for file in (FILE, OPERATOR)},
}


def _documents(holders: Mapping[str, Mapping[str, Policy]]) -> dict[str, Policy]:
    return {
        f"{holder}/{name}": policy
        for holder, policies in holders.items()
        for name, policy in policies.items()
    }


def _names(holder: str, holders: Mapping[str, Mapping[str, Policy]] = HOLDERS) -> tuple[str, ...]:
    return tuple(f"{holder}/{name}" for name in holders[holder])


def test_the_calls_of_the_roles_are_decided_alike(simulate: Simulator) -> None:
    usual = of_roles(rendered(PLACE))
    wanted = [*((each, "Allow") for each in ALLOWED), *((each, "ImplicitDeny") for each in DENIED)]
    asked = [Asked(call.request, _names(f"nrti-{REGION}-{call.role}", usual)) for call, _ in wanted]
    verdicts = simulate(_documents(usual), asked, PLACE)

    fidelity.says(f"{len(ALLOWED)} allowed, {len(DENIED)} denied; no difference")
    assert {
        str(call): verdict.decision
        for (call, decision), verdict in zip(wanted, verdicts, strict=True)
        if verdict.decision != decision
    } == {}


def _documented() -> Iterator[tuple[str, Request, str]]:
    """The holder, the request and the decision of the unit tests of docs/."""
    for holder, tests in ((FILE.stem, test_policy), (OPERATOR.stem, test_operator_policy)):
        for action, resource, other in tests.ON_THIS_STACK:
            yield holder, Request(action, arn(resource, PLACE)), "Allow"
            yield holder, Request(action, arn(other, PLACE)), "ImplicitDeny"
        for action in tests.WITHOUT_RESOURCE:
            yield holder, Request(action, "*"), "Allow"


def test_the_documented_policies_are_decided_alike(simulate: Simulator) -> None:
    wanted = list(_documented())
    verdicts = simulate(
        _documents(HOLDERS), [Asked(request, _names(holder)) for holder, request, _ in wanted], PLACE
    )

    fidelity.says(f"{len(wanted)} calls; no difference")
    assert {
        (holder, request.action, request.resource): verdict.decision
        for (holder, request, decision), verdict in zip(wanted, verdicts, strict=True)
        if verdict.decision != decision
    } == {}


def _elements(policies: Mapping[str, Policy], element: str) -> Iterator[str]:
    for policy in policies.values():
        for statement in policy["Statement"]:
            named = statement[element]
            yield from [named] if isinstance(named, str) else named


def _near(resource: str) -> Iterator[str]:
    """A resource that a pattern of a policy means, and one of another stack."""
    concrete = resource.replace("arn:*:", "arn:aws:").replace(":*:", f":{PLACE.region}:", 1)
    concrete = concrete.replace(":*:", f":{PLACE.account}:", 1).replace("*", "x")
    yield concrete
    yield concrete.replace("nrti", "nrti2", 1)


def _combinations() -> Iterator[tuple[str, Request]]:
    """Every action that is named anywhere on every resource that a holder's policies name."""
    actions = {
        action for each in HOLDERS.values() for action in _elements(each, "Action") if "*" not in action
    }
    actions |= {action for each in _RESOURCES.values() for action in permissions(each.type, PLACE)}
    for holder, policies in HOLDERS.items():
        named = {near for each in _elements(policies, "Resource") if each != "*" for near in _near(each)}
        for action in sorted(actions):
            for resource in sorted(named):
                if resource.split(":")[2] == action.split(":")[0]:
                    yield holder, Request(action, resource)


def test_every_action_on_every_resource_is_decided_alike(simulate: Simulator) -> None:
    asked = list(_combinations())
    verdicts = simulate(
        {**_documents(HOLDERS), **_GUARDS},
        [
            Asked(request, _names(holder), guard=_KEY if ":kms:" in request.resource else "")
            for holder, request in asked
        ],
        PLACE,
    )
    possible = [
        (holder, Request(request.action, verdict.resource), verdict.decision)
        for (holder, request), verdict in zip(asked, verdicts, strict=True)
        if not verdict.decision.startswith("error: ")
    ]

    assert {decision for _, _, decision in possible} == {"Allow", "ImplicitDeny"}
    fidelity.says(f"for {len(HOLDERS) - 2} roles and both documents")
    fidelity.says(f"{len(possible):,} possible requests; no difference")
    assert {
        (holder, request.action, request.resource): decision
        for holder, request, decision in possible
        if decide(list(HOLDERS[holder].values()), request, PLACE) != decision
    } == {}

"""The policies of the roles and of docs/ by iam-simulate, which has to decide as the embedded AWS does."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import product

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
    wide = ("", PLACE.partition, "", PLACE.region, PLACE.account, "")
    parts = resource.split(":", 5)
    filled = [whole if part == "*" else part for part, whole in zip(parts, wide, strict=True)]
    concrete = ":".join(filled).replace("*", "x")
    yield concrete
    yield concrete.replace("nrti", "nrti2", 1)


def _contexts(policies: Mapping[str, Policy]) -> Iterator[dict[str, str]]:
    """A request without condition keys, and one with values that fulfil the conditions, if there are any."""
    yield {}
    conditions = [each.get("Condition", {}) for policy in policies.values() for each in policy["Statement"]]
    wanted = [pair for each in conditions for operator in each.values() for pair in operator.items()]
    fulfilled = {key: (value if isinstance(value, str) else value[0]) for key, value in wanted}
    if fulfilled:
        yield {key: value.replace("*", "x") for key, value in fulfilled.items()}


def _combinations() -> Iterator[tuple[str, Request]]:
    """Every action that is named anywhere on every resource that a holder's policies name."""
    actions = {
        action for each in HOLDERS.values() for action in _elements(each, "Action") if "*" not in action
    }
    actions |= {action for each in _RESOURCES.values() for action in permissions(each.type, PLACE)}
    for holder, policies in HOLDERS.items():
        named = {near for each in _elements(policies, "Resource") if each != "*" for near in _near(each)}
        for context, action, resource in product(_contexts(policies), sorted(actions), sorted(named)):
            if resource.split(":")[2] == action.split(":")[0]:
                yield holder, Request(action, resource, context)


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
        (holder, replace(request, resource=verdict.resource), verdict.decision)
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

"""The deployer's policy by iam-simulate: CloudFormation works with the deployer's permissions."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.clients import fidelity
from tests.clients.handlers import Need, needs
from tests.clients.simulator import NO_ACTION, NO_RESOURCE, Asked, Simulator, Verdict
from tests.policies import decide, of_resources, with_all_options
from tests.unit.aws_run.conftest import PLACE
from tests.unit.aws_run.policy import FILE

pytestmark = pytest.mark.clients

#: A type and an action of its handlers.
Permission = tuple[str, str]
#: On each resource that the action can be about, what is decided.
Decisions = dict[Permission, dict[str, str]]

_RESOURCES = with_all_options(PLACE)
_POLICY = json.loads(FILE.read_text())

_NO_ACTION_OF_AWS = "AWS has no such action"


def _not_needed() -> Iterator[tuple[str, Permission]]:
    reason = kind = ""
    for line in Path(__file__).with_name("not_needed.txt").read_text().splitlines():
        if line.startswith("# "):
            reason = line.removeprefix("# ")
        elif not line.startswith("##"):
            begin, colon, actions = line.partition(": ")
            kind = begin if colon else kind
            yield from ((reason, (kind, action)) for action in (actions if colon else line).split())


NOT_NEEDED = list(_not_needed())


@pytest.fixture(scope="module")
def decided(simulate: Simulator) -> list[tuple[Need, Verdict]]:
    needed = list(needs(_RESOURCES, PLACE))
    documents = {"deployer": _POLICY, **of_resources(_RESOURCES)}
    return list(zip(needed, simulate(documents, [_asked(each) for each in needed], PLACE), strict=True))


@pytest.fixture(scope="module")
def decisions(decided: list[tuple[Need, Verdict]]) -> Decisions:
    found: Decisions = defaultdict(dict)
    for need, verdict in decided:
        on = found[need.type, need.request.action]
        if verdict.decision != NO_RESOURCE:
            on[verdict.resource] = verdict.decision
    return found


def _asked(need: Need) -> Asked:
    # Unlike other resources, a key admits those only whom its own policy admits, too.
    key = need.request.resource if ":kms:" in need.request.resource else ""
    return Asked(need.request, ("deployer",), guard=key)


def test_what_the_handlers_of_the_resources_need_is_allowed(decisions: Decisions) -> None:
    lacking = {each: on for each, on in decisions.items() if set(on.values()) != {"Allow"}}
    listed = [permission for _, permission in NOT_NEEDED]

    types = {kind for kind, _ in decisions}
    fidelity.says(f"{len(decisions)} permissions of {len(types)} types; {len(listed)} of them stay out")
    assert {each: on for each, on in lacking.items() if each not in listed} == {}
    assert sorted(listed) == sorted(lacking), "these are needed, or listed twice"


def test_what_is_listed_as_no_action_is_none(decisions: Decisions) -> None:
    unknown = {each for each, on in decisions.items() if NO_ACTION in on.values()}

    assert unknown == {permission for reason, permission in NOT_NEEDED if reason == _NO_ACTION_OF_AWS}


def test_the_embedded_aws_decides_alike(decided: list[tuple[Need, Verdict]]) -> None:
    possible = [
        (replace(need.request, resource=verdict.resource), verdict.decision)
        for need, verdict in decided
        if not verdict.decision.startswith("error: ")
    ]

    assert len(possible) >= 1500
    assert [each for each, decision in possible if decide([_POLICY], each, PLACE) != decision] == []


def test_the_judge_can_find_something(decisions: Decisions) -> None:
    denied = decisions["AWS::IAM::Role", "iam:PutRolePermissionsBoundary"]

    assert set(denied.values()) == {"ImplicitDeny"}

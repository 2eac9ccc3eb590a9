"""Who may take the roles, and over what buckets, queue and topic are used, by iam-simulate."""

from __future__ import annotations

from collections import defaultdict

import pytest

from nrti_local.process import REGION
from tests.clients import fidelity
from tests.clients.simulator import Asked, Simulator
from tests.local.roles import PLACE
from tests.policies import Request, of_resources, of_trust, with_all_options

pytestmark = pytest.mark.clients

_RESOURCES = with_all_options(PLACE)
_EVERYTHING = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
#: The roles that each service takes.
_TAKEN = {
    "apigateway": ["api", "api-logs"],
    "firehose": ["delivery"],
    "lambda": ["alerts", "inference", "labels", "transform"],
    "quicksight": ["quicksight"],
    "sagemaker": ["sagemaker"],
    "scheduler": ["alert-schedule"],
    "states": ["workflow"],
}
#: Those whose service has to say that it acts for this account.
_ONLY_FOR_THE_ACCOUNT = {"alert-schedule", "delivery", "sagemaker", "workflow"}


def _end(role: str) -> str:
    name = role.rpartition("/")[2]
    return "quicksight" if name == f"nrti-quicksight-{REGION}" else name.removeprefix(f"nrti-{REGION}-")


def _takers(simulate: Simulator, source: str) -> dict[str, list[str]]:
    """The roles that each principal can take in the name of an account."""
    trust = of_trust(_RESOURCES)
    principals = {"": ("everything",), **{f"{service}.amazonaws.com": () for service in _TAKEN}}
    asked = [
        Asked(Request("sts:AssumeRole", role, {"aws:SourceAccount": source}), identity, role, principal)
        for principal, identity in principals.items()
        for role in trust
    ]
    taken = defaultdict(list)
    for each, verdict in zip(
        asked, simulate({"everything": _EVERYTHING, **trust}, asked, PLACE), strict=True
    ):
        assert verdict.decision in {"Allow", "ImplicitDeny"}
        if verdict.decision == "Allow":
            taken[each.principal.partition(".")[0]].append(_end(each.request.resource))
    return {principal: sorted(roles) for principal, roles in taken.items()}


def test_a_role_is_taken_by_its_service_alone_and_that_of_readers_by_people(simulate: Simulator) -> None:
    fidelity.says(f"{len(of_trust(_RESOURCES))} roles for {len(_TAKEN)} services and people")
    assert _takers(simulate, PLACE.account) == {**_TAKEN, "": ["reader"]}


def test_another_account_s_resources_do_not_get_roles_that_name_the_account(simulate: Simulator) -> None:
    remaining = {
        service: [each for each in roles if each not in _ONLY_FOR_THE_ACCOUNT]
        for service, roles in _TAKEN.items()
    }

    assert _takers(simulate, "111122223333") == {
        **{service: roles for service, roles in remaining.items() if roles},
        "": ["reader"],
    }


@pytest.mark.parametrize("tls", [True, False])
def test_buckets_queue_and_topic_answer_over_tls_only(tls: bool, simulate: Simulator) -> None:
    guards = of_resources(_RESOURCES)
    actions = {"s3": "s3:PutObject", "sqs": "sqs:SendMessage", "sns": "sns:Publish"}
    context = {"aws:SecureTransport": str(tls).lower()}
    asked = [
        Asked(Request(action, f"{guard}/k" if service == "s3" else guard, context), ("everything",), guard)
        for guard in guards
        for service, action in actions.items()
        if guard.split(":")[2] == service
    ]
    verdicts = simulate({"everything": _EVERYTHING, **guards}, asked, PLACE)

    fidelity.says(f"services and people; {len(asked)} resources")
    assert {each.decision for each in verdicts} == {"Allow" if tls else "Deny"}

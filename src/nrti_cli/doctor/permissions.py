"""Checks by IAM's policy simulator that the user has the permissions of docs/deployer-policy.json."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from nrti_cli.assets import asset
from nrti_cli.aws.errors import code
from nrti_cli.doctor.clients import client
from nrti_cli.doctor.finding import Finding

if TYPE_CHECKING:
    from nrti_cli.aws.target import Target

_CHECK = "permissions"
POLICY = "docs/deployer-policy.json"
#: The simulator accepts no wildcards. For services that the policy allows completely, the main actions.
SAMPLES: Mapping[str, tuple[str, ...]] = {
    "athena": ("CreateWorkGroup", "DeleteWorkGroup", "StartQueryExecution", "GetQueryResults"),
    "cloudformation": ("CreateChangeSet", "ExecuteChangeSet", "DescribeStackEvents", "DeleteStack"),
    "cloudwatch": ("PutMetricAlarm", "DeleteAlarms"),
    "dynamodb": ("CreateTable", "DeleteTable", "UpdateTable", "EnableKinesisStreamingDestination"),
    "firehose": ("CreateDeliveryStream", "DeleteDeliveryStream"),
    "kinesis": ("CreateStream", "DeleteStream", "DescribeStreamSummary"),
    "lambda": ("CreateFunction", "UpdateFunctionCode", "DeleteFunction", "AddPermission"),
    "logs": ("CreateLogGroup", "PutRetentionPolicy", "DeleteLogGroup", "FilterLogEvents"),
    "s3": ("CreateBucket", "DeleteBucket", "PutBucketPolicy", "ListBucket"),
    "sagemaker": ("CreateEndpoint", "UpdateEndpoint", "DeleteEndpoint", "AddTags"),
    "scheduler": ("CreateSchedule", "UpdateSchedule", "DeleteSchedule"),
    "sns": ("CreateTopic", "DeleteTopic"),
    "sqs": ("CreateQueue", "DeleteQueue", "ReceiveMessage", "SetQueueAttributes"),
    "ssm": ("PutParameter", "GetParameter", "DeleteParameter"),
    "states": ("CreateStateMachine", "UpdateStateMachine", "DeleteStateMachine", "StartSyncExecution"),
}
#: What the main actions of a service are about, where the policy names other resources first.
_MAIN = {"apigateway": "/restapis/*", "sagemaker": ":endpoint/", "scheduler": ":schedule/"}
#: Needed only by options of `bootstrap`: the alarms' e-mail, and the dashboard.
_OPTIONAL = {"kms", "quicksight"}
_ASSUMED_ROLE = re.compile(r"arn:(?P<partition>[\w-]+):sts::(?P<account>\d+):assumed-role/(?P<role>[^/]+)/.*")


@dataclass(frozen=True)
class Simulation:
    """Actions that are simulated together.

    Attributes:
        actions: their full names.
        resource: an ARN, or `*`.
        context: the values for the policy's conditions, by key.
    """

    actions: tuple[str, ...]
    resource: str
    context: Mapping[str, str]


def permissions(target: Target) -> Finding:
    """Asks IAM; if that is not permitted, the finding is a warning."""
    who = client(target, "sts").get_caller_identity()
    if who["Arn"].endswith(":root"):
        return Finding(_CHECK, "warn", "the root user may do everything", "use a role or an IAM user")
    iam = client(target, "iam")
    try:
        denied = sorted(
            action
            for question in questions(target, who["Account"])
            for action in _denied(iam, _principal(who["Arn"]), question)
        )
    except ClientError as error:
        if code(error) not in {"AccessDenied", "NoSuchEntity", "InvalidInput"}:
            raise
        found = f"IAM does not simulate the policies of {who['Arn']} ({code(error)})"
        return Finding(_CHECK, "warn", found, f"allow iam:SimulatePrincipalPolicy, or compare with {POLICY}")
    if denied:
        return Finding(
            _CHECK, "failed", f"missing: {', '.join(denied)}", f"grant the permissions in {POLICY}"
        )
    return Finding(_CHECK, "ok", f"IAM allows the actions in {POLICY}, except optional ones")


def questions(target: Target, account: str) -> Iterator[Simulation]:
    """The permissions of the policy for the stack and the region: one question per statement and resource."""
    for statement in json.loads(asset(POLICY).read_text(encoding="utf-8"))["Statement"]:
        by_resource: dict[str, list[str]] = {}
        for action in _listed(statement["Action"]):
            service = action.partition(":")[0]
            if service not in _OPTIONAL:
                resource = _resource(statement["Resource"], service, target, account)
                by_resource.setdefault(resource, []).extend(_simulated(action))
        for resource, actions in by_resource.items():
            if actions:
                yield Simulation(tuple(actions), resource, _context(statement))


def _simulated(action: str) -> list[str]:
    """The actions that represent one of the policy, which may end in `*`."""
    service, _, name = action.partition(":")
    names = SAMPLES[service] if name == "*" else () if "*" in name else (name,)
    return [f"{service}:{each}" for each in names]


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def _resource(pattern: str | list[str], service: str, target: Target, account: str) -> str:
    """An ARN of a service in the policy, with its wildcards replaced."""
    arns = [each for each in _listed(pattern) if each == "*" or each.split(":")[2] == service]
    arn = next((each for each in arns if _MAIN.get(service, "") in each), arns[0])
    if arn == "*":
        return arn
    prefix, partition, name, region, owner, resource = arn.split(":", 5)
    named = resource.replace("nrti", target.stack).replace("*", "doctor")
    filled = target.region_name if region == "*" else region, account if owner == "*" else owner
    own = target.session.get_partition_for_region(target.region_name) or partition
    return ":".join((prefix, own, name, *filled, named))


def _context(statement: Mapping[str, Any]) -> dict[str, str]:
    conditions = statement.get("Condition", {}).get("StringEquals", {})
    return {key: _listed(values)[0] for key, values in conditions.items()}


def _principal(arn: str) -> str:
    """The ARN that policies are attached to; for a role session, that of the role."""
    found = _ASSUMED_ROLE.fullmatch(arn)
    return "arn:{partition}:iam::{account}:role/{role}".format(**found.groupdict()) if found else arn


def _denied(iam: Any, principal: str, question: Simulation) -> Iterator[str]:
    pages = iam.get_paginator("simulate_principal_policy").paginate(
        PolicySourceArn=principal,
        ActionNames=list(question.actions),
        ResourceArns=[question.resource],
        ContextEntries=[
            {"ContextKeyName": key, "ContextKeyValues": [value], "ContextKeyType": "string"}
            for key, value in question.context.items()
        ],
    )
    for page in pages:
        for result in page["EvaluationResults"]:
            if result["EvalDecision"] != "allowed":
                yield str(result["EvalActionName"])

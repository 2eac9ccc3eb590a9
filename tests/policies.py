"""The policies of both stacks as an account would have them, and what IAM decides by policies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ministack.core.iam_evaluator import EvalContext, evaluate, parse_policy_document

from nrti_cli.assets import asset
from nrti_cli.aws.s3.buckets import tls_only_policy
from nrti_cli.stack.template import parse
from tests.rendered import Place, Rendering, Resource

Policy = dict[str, Any]


@dataclass(frozen=True)
class Request:
    """What IAM decides about: an action on one resource.

    Attributes:
        action: as in a policy.
        resource: its ARN, or `*` for an action that has none.
        context: condition keys of the request.
    """

    action: str
    resource: str
    context: Mapping[str, str] = field(default_factory=dict)


def arn(short: str, place: Place) -> str:
    """The ARN of `dynamodb:table/t`: those of some services have no region or no account. `*` stays."""
    if short == "*":
        return short
    service, _, rest = short.partition(":")
    region = "" if service in {"iam", "s3"} else place.region
    account = "" if service in {"apigateway", "s3"} else place.account
    return f"arn:{place.partition}:{service}:{region}:{account}:{rest}"


def decide(policies: list[Policy], request: Request, place: Place, *, tls: bool = True) -> str:
    """`Allow`, `Deny` or `ImplicitDeny`, by the embedded AWS, for a user with these policies."""
    context = EvalContext(
        principal_arn=f"arn:aws:iam::{place.account}:user/person",
        principal_type="User",
        principal_account=place.account,
        action=request.action,
        resource_arn=request.resource,
        region=place.region,
        secure_transport=tls,
        service_context={key.lower(): value for key, value in request.context.items()},
    )
    decision: str = evaluate(context, [parse_policy_document(each) for each in policies]).decision
    return decision


def rendered(place: Place, **options: str) -> dict[str, Resource]:
    """The resources of the pipeline and of its dashboard, by their logical ids."""
    artifacts = f"{place.stack}-artifacts-{place.account}-{place.region}"
    lake = f"{place.stack}-lake-{place.account}-{place.region}"
    dashboard = replace(place, stack=f"{place.stack}-quicksight")
    pipeline = _resources("pipeline", place, ArtifactsBucket=artifacts, **options)
    return {**pipeline, **_resources("quicksight", dashboard, LakeBucket=lake, ImportMode="SPICE")}


def with_all_options(place: Place) -> dict[str, Resource]:
    """The same, with what is made only if an option of `nrti bootstrap` wants it."""
    return rendered(
        place, Tracing="on", AccessLogs="own", AlarmEmail="ops@example.com", KinesisMode="PROVISIONED"
    )


def _resources(template: str, place: Place, **parameters: str) -> dict[str, Resource]:
    text = asset(f"cloudformation/{template}.yaml").read_text()
    return Rendering(parse(text), place, parameters).resources()


def of_roles(resources: Mapping[str, Resource]) -> dict[str, dict[str, Policy]]:
    """What each role allows: its policies by their names, under the name of the role."""
    found: dict[str, dict[str, Policy]] = {}
    for resource in resources.values():
        if resource.type == "AWS::IAM::Role":
            inline = {
                each["PolicyName"]: each["PolicyDocument"] for each in resource.properties.get("Policies", [])
            }
            found.setdefault(resource.properties["RoleName"], {}).update(inline)
        elif resource.type == "AWS::IAM::Policy":
            for role in resource.properties["Roles"]:
                one = {resource.properties["PolicyName"]: resource.properties["PolicyDocument"]}
                found.setdefault(role, {}).update(one)
    return found


def of_trust(resources: Mapping[str, Resource]) -> dict[str, Policy]:
    """Who may take each role, by its ARN."""
    return {
        each.arn: each.properties["AssumeRolePolicyDocument"]
        for each in resources.values()
        if each.type == "AWS::IAM::Role"
    }


def of_resources(resources: Mapping[str, Resource]) -> dict[str, Policy]:
    """The policies of buckets, the queue, the topic and the key, by the ARN of what they guard.

    The bucket of artifacts is made before the stack, so its policy is in no template.
    """
    artifacts = resources["LakeBucket"].arn.replace("-lake-", "-artifacts-")
    found = {artifacts: tls_only_policy(artifacts)}
    for resource in resources.values():
        if resource.type == "AWS::KMS::Key":
            found[resource.arn] = resource.properties["KeyPolicy"]
        elif resource.type != "AWS::IAM::Policy" and resource.type.endswith("Policy"):
            (guarded,) = (resources[name].arn for name in resource.refers if _is_guarded(resources, name))
            found[guarded] = resource.properties["PolicyDocument"]
    return found


def _is_guarded(resources: Mapping[str, Resource], name: str) -> bool:
    kinds = {"AWS::S3::Bucket", "AWS::SQS::Queue", "AWS::SNS::Topic"}
    return name in resources and resources[name].type in kinds

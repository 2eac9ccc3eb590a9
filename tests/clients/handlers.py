"""What the handlers of the stacks' resources call, by the resource schemas that cfn-lint contains."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from cfnlint.schema import PROVIDER_SCHEMA_MANAGER

from tests.policies import Request, arn
from tests.rendered import Place, Resource

#: The list handlers are for Cloud Control; a stack uses none.
_OF_STACKS = ("create", "read", "update", "delete")
_API = "apigateway:/restapis/a"
#: What the handlers of a type also call something on, beside the resource and what it refers to.
_BESIDE: Mapping[str, tuple[str, ...]] = {
    "AWS::ApiGateway::Account": ("apigateway:/account",),
    "AWS::ApiGateway::ApiKey": ("apigateway:/apikeys", "apigateway:/tags/arn"),
    "AWS::ApiGateway::Deployment": (f"{_API}/deployments", f"{_API}/deployments/d"),
    "AWS::ApiGateway::GatewayResponse": (f"{_API}/gatewayresponses", f"{_API}/gatewayresponses/THROTTLED"),
    "AWS::ApiGateway::Method": (f"{_API}/resources/r/methods/POST",),
    "AWS::ApiGateway::Model": (f"{_API}/models", f"{_API}/models/m"),
    "AWS::ApiGateway::RequestValidator": (f"{_API}/requestvalidators", f"{_API}/requestvalidators/v"),
    "AWS::ApiGateway::Resource": (f"{_API}/resources", f"{_API}/resources/r"),
    "AWS::ApiGateway::RestApi": ("apigateway:/restapis", "apigateway:/tags/arn"),
    "AWS::ApiGateway::Stage": (f"{_API}/stages", f"{_API}/stages/v1", "apigateway:/tags/arn"),
    "AWS::ApiGateway::UsagePlan": ("apigateway:/usageplans", "apigateway:/tags/arn"),
    "AWS::ApiGateway::UsagePlanKey": ("apigateway:/usageplans/u/keys", "apigateway:/usageplans/u/keys/k"),
    "AWS::DynamoDB::Table": (
        "iam:role/aws-service-role/kinesisreplication.dynamodb.amazonaws.com/AWSServiceRoleForDynamoDB",
    ),
    # A database goes with its tables and its functions.
    "AWS::Glue::Database": ("glue:catalog", "glue:table/nrti/t", "glue:userDefinedFunction/nrti/f"),
    "AWS::Glue::Table": ("glue:catalog", "glue:database/nrti"),
    "AWS::QuickSight::DataSet": ("quicksight:dataset/nrti-quicksight-predictions/ingestion/i",),
    "AWS::Scheduler::ScheduleGroup": ("scheduler:schedule/nrti-alerts/every-minute",),
}


@dataclass(frozen=True)
class Need:
    """A permission that a handler has to have, and on what.

    Attributes:
        type: of the resource.
        request: the action, on a resource that it may be about; AWS's data say whether it is.
    """

    type: str
    request: Request


def permissions(kind: str, place: Place) -> set[str]:
    """The actions of the handlers of a type that a stack uses."""
    handlers = PROVIDER_SCHEMA_MANAGER.get_resource_schema(place.region, kind).schema["handlers"]
    return {
        action
        for name, handler in handlers.items()
        if name in _OF_STACKS
        for action in handler["permissions"]
    }


def needs(resources: Mapping[str, Resource], place: Place) -> Iterator[Need]:
    """All that the handlers of resources call, on each resource that it may be about."""
    for resource in resources.values():
        for action in permissions(resource.type, place):
            for on in dict.fromkeys(_concerned(resource, resources, place)):
                yield Need(resource.type, Request(action, on, _context(action, on, resources)))


def _concerned(resource: Resource, resources: Mapping[str, Resource], place: Place) -> Iterator[str]:
    # Some actions on a log group have its ARN without the suffix.
    named = [resource.arn, resource.arn.removesuffix(":*")]
    beside = [arn(each, place) for each in _BESIDE.get(resource.type, ())]
    referred = [resources[name].arn for name in resource.refers & resources.keys()]
    objects = [f"{bucket}/any/key" for bucket in _buckets(resource, resources, place)]
    found = [each for each in [*named, *beside, *referred, *objects] if each]
    yield from found or ["*"]


def _buckets(resource: Resource, resources: Mapping[str, Resource], place: Place) -> Iterator[str]:
    if resource.type == "AWS::S3::Bucket":
        yield resource.arn
    if "LakeBucket" in resource.refers:
        yield resources["LakeBucket"].arn
    if "ArtifactsBucket" in resource.refers:
        yield f"arn:{place.partition}:s3:::nrti-artifacts-{place.account}-{place.region}"


def _context(action: str, on: str, resources: Mapping[str, Resource]) -> dict[str, str]:
    if action.startswith("kms:"):
        return {"aws:RequestTag/nrti:stack": "nrti", "aws:ResourceTag/nrti:stack": "nrti"}
    if action == "iam:CreateServiceLinkedRole" and "/aws-service-role/" in on:
        return {"iam:AWSServiceName": on.split("/")[2]}
    if action == "iam:PassRole":
        role = next((each for each in resources.values() if each.arn == on and "role/" in on), None)
        return {"iam:PassedToService": _service(role)} if role else {}
    return {}


def _service(role: Resource) -> str:
    (statement,) = role.properties["AssumeRolePolicyDocument"]["Statement"]
    service: str = statement["Principal"].get("Service", "")
    return service

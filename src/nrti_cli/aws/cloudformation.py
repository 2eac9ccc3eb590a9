"""CloudFormation: stacks, their change sets, events and missing resources."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from botocore.exceptions import ClientError

from nrti_cli.aws.errors import message

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.client import CloudFormationClient
    from mypy_boto3_cloudformation.type_defs import ParameterTypeDef, TagTypeDef

    from nrti_cli.aws.target import Target

#: CloudFormation's type for a stack as a whole, in its own events.
STACK_TYPE = "AWS::CloudFormation::Stack"
ChangeSetKind = Literal["CREATE", "UPDATE"]
_NO_CHANGE = ("didn't contain changes", "No updates are to be performed")


@dataclass(frozen=True)
class Stack:
    """A stack as DescribeStacks tells it."""

    name: str
    id: str
    status: str
    reason: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Resource:
    """A resource of a stack: its name in the template, its type, and its name in its service."""

    logical_id: str
    type: str
    physical_id: str = ""
    status: str = ""


@dataclass(frozen=True)
class StackEvent:
    """Something that happened to one resource, or to the stack itself (type `STACK_TYPE`)."""

    id: str
    logical_id: str
    physical_id: str
    type: str
    status: str
    reason: str
    at: datetime


@dataclass(frozen=True)
class Change:
    """What a change set will do to one resource; `action` is Add, Modify, Remove or Import."""

    action: str
    logical_id: str
    type: str
    replacement: bool = False


@dataclass(frozen=True)
class ChangeSet:
    """A change set; `ready` when it can be executed, `empty` when it would change nothing."""

    id: str
    stack_id: str
    status: str
    reason: str
    changes: tuple[Change, ...]

    @property
    def pending(self) -> bool:
        """Whether CloudFormation is still computing it."""
        return self.status.endswith(("PENDING", "IN_PROGRESS"))

    @property
    def empty(self) -> bool:
        """Whether it failed for the sole reason that there is nothing to do."""
        return self.status == "FAILED" and any(text in self.reason for text in _NO_CHANGE)


@dataclass(frozen=True)
class Definition:
    """What a stack shall be.

    Attributes:
        template: the template's text.
        parameters: values to set; a parameter that is not named keeps its value, or takes its default.
        tags: for the stack and, through it, for its resources.
    """

    template: str
    parameters: Mapping[str, str]
    tags: Mapping[str, str]


class CloudFormation:
    """The CloudFormation calls that nrti makes."""

    def __init__(self, target: Target) -> None:
        self._client: CloudFormationClient = target.client("cloudformation")

    def stack(self, name_or_id: str) -> Stack | None:
        """The stack, or None when there is none; a deleted one is only found by its id."""
        try:
            found = self._client.describe_stacks(StackName=name_or_id)["Stacks"][0]
        except ClientError as error:
            if "does not exist" in message(error):
                return None
            raise
        values = {each["ParameterKey"]: each["ParameterValue"] for each in found.get("Parameters", [])}
        reason = found.get("StackStatusReason", "")
        return Stack(found["StackName"], found["StackId"], found["StackStatus"], reason, values)

    def stack_names(self) -> list[str]:
        """The names of all stacks that exist."""
        pages = self._client.get_paginator("describe_stacks").paginate()
        return [stack["StackName"] for page in pages for stack in page["Stacks"]]

    def create_change_set(self, kind: ChangeSetKind, stack: str, name: str, definition: Definition) -> str:
        """Begins to compute what it takes to make the stack as defined; returns the change set's id."""
        parameters = self._parameters(definition, self.stack(stack) if kind == "UPDATE" else None)
        tags: list[TagTypeDef] = [{"Key": key, "Value": value} for key, value in definition.tags.items()]
        created = self._client.create_change_set(
            StackName=stack,
            ChangeSetName=name,
            ChangeSetType=kind,
            TemplateBody=definition.template,
            Parameters=parameters,
            Capabilities=["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"],
            Tags=tags,
        )
        return created["Id"]

    def _parameters(self, definition: Definition, deployed: Stack | None) -> list[ParameterTypeDef]:
        """The parameters to send; those of an update that are not set explicitly keep their value.

        An update would otherwise take the default, and a kept value is refused for a parameter that the
        new template no longer has: hence the look at what it declares.
        """
        values: list[ParameterTypeDef] = [
            {"ParameterKey": key, "ParameterValue": value} for key, value in definition.parameters.items()
        ]
        if not deployed:
            return values
        summary = self._client.get_template_summary(TemplateBody=definition.template)
        declared = {each["ParameterKey"] for each in summary.get("Parameters", [])}
        unset = sorted((declared & deployed.parameters.keys()) - definition.parameters.keys())
        kept: list[ParameterTypeDef] = [{"ParameterKey": key, "UsePreviousValue": True} for key in unset]
        return [*values, *kept]

    def change_set(self, change_set_id: str) -> ChangeSet:
        """How far a change set is, and what it would do."""
        first = self._client.describe_change_set(ChangeSetName=change_set_id)
        changes = list(first.get("Changes", []))
        token = first.get("NextToken")
        while token:
            page = self._client.describe_change_set(ChangeSetName=change_set_id, NextToken=token)
            changes += page.get("Changes", [])
            token = page.get("NextToken")
        return ChangeSet(
            id=first["ChangeSetId"],
            stack_id=first["StackId"],
            status=first["Status"],
            reason=first.get("StatusReason", ""),
            changes=tuple(
                Change(
                    action=change["Action"],
                    logical_id=change["LogicalResourceId"],
                    type=change["ResourceType"],
                    replacement=change.get("Replacement", "False") != "False",
                )
                for change in (each["ResourceChange"] for each in changes)
            ),
        )

    def execute_change_set(self, change_set_id: str) -> None:
        """Begins to do what the change set says."""
        self._client.execute_change_set(ChangeSetName=change_set_id)

    def delete_change_set(self, change_set_id: str) -> None:
        """Forgets a change set."""
        self._client.delete_change_set(ChangeSetName=change_set_id)

    def delete_stack(self, stack_id: str) -> None:
        """Begins to delete a stack."""
        self._client.delete_stack(StackName=stack_id)

    def continue_rollback(self, stack_id: str) -> None:
        """Begins to finish the rollback of an update that got stuck."""
        self._client.continue_update_rollback(StackName=stack_id)

    def events(self, stack_id: str) -> Iterator[StackEvent]:
        """What happened to the stack, the newest first."""
        for page in self._client.get_paginator("describe_stack_events").paginate(StackName=stack_id):
            for event in page["StackEvents"]:
                yield StackEvent(
                    id=event["EventId"],
                    logical_id=event["LogicalResourceId"],
                    physical_id=event.get("PhysicalResourceId", ""),
                    type=event["ResourceType"],
                    status=event["ResourceStatus"],
                    reason=event.get("ResourceStatusReason", ""),
                    at=event["Timestamp"],
                )

    def validation_errors(self, stack_id: str) -> list[str]:
        """Why CloudFormation refused a deployment before it touched anything, a line for each resource."""
        found = self._client.describe_events(StackName=stack_id, Filters={"FailedEvents": True})
        return [
            f"{event['LogicalResourceId']} ({event['ResourceType']}): {event['ValidationStatusReason']}"
            for event in found["OperationEvents"]
            if event.get("EventType") == "VALIDATION_ERROR"
        ]

    def resources(self, stack: str) -> list[Resource]:
        """The resources of a stack."""
        pages = self._client.get_paginator("list_stack_resources").paginate(StackName=stack)
        return [
            Resource(
                logical_id=each["LogicalResourceId"],
                type=each["ResourceType"],
                physical_id=each.get("PhysicalResourceId", ""),
                status=each["ResourceStatus"],
            )
            for page in pages
            for each in page["StackResourceSummaries"]
        ]

    def detect_drift(self, stack: str) -> str:
        """Begins to compare the stack with what its resources really are; returns the detection's id."""
        return self._client.detect_stack_drift(StackName=stack)["StackDriftDetectionId"]

    def drift_detected(self, detection_id: str) -> bool:
        """Whether the comparison is over; one that failed for some resources has an answer for the others."""
        found = self._client.describe_stack_drift_detection_status(StackDriftDetectionId=detection_id)
        return found["DetectionStatus"] != "DETECTION_IN_PROGRESS"

    def missing_resources(self, stack: str) -> list[Resource]:
        """The resources that were deleted behind the stack's back, by the last drift detection."""
        found = self._client.describe_stack_resource_drifts(
            StackName=stack, StackResourceDriftStatusFilters=["DELETED"], MaxResults=100
        )
        return [
            Resource(each["LogicalResourceId"], each["ResourceType"], each.get("PhysicalResourceId", ""))
            for each in found["StackResourceDrifts"]
        ]

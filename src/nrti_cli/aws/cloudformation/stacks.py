"""CloudFormation: stacks, their events and missing resources."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from nrti_cli.aws.errors import code, message

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.client import CloudFormationClient

    from nrti_cli.aws.target import Target

#: The resource type of the stack itself in its own events.
STACK_TYPE = "AWS::CloudFormation::Stack"


@dataclass(frozen=True)
class Stack:
    """A stack, from DescribeStacks."""

    name: str
    id: str
    status: str
    reason: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Resource:
    """A resource of a stack: its logical id, type and physical id."""

    logical_id: str
    type: str
    physical_id: str = ""
    status: str = ""


@dataclass(frozen=True)
class StackEvent:
    """An event of a resource, or of the stack itself (type `STACK_TYPE`)."""

    id: str
    logical_id: str
    physical_id: str
    type: str
    status: str
    reason: str
    at: datetime


class CloudFormation:
    """The CloudFormation calls that nrti makes."""

    def __init__(self, target: Target) -> None:
        self._client: CloudFormationClient = target.client("cloudformation")

    def stack(self, name_or_id: str) -> Stack | None:
        """The stack, or None if it does not exist; a deleted one is found only by its id."""
        try:
            found = self._client.describe_stacks(StackName=name_or_id)["Stacks"][0]
        except ClientError as error:
            if "does not exist" in message(error):
                return None
            raise
        values = {each["ParameterKey"]: each["ParameterValue"] for each in found.get("Parameters", [])}
        reason = found.get("StackStatusReason", "")
        return Stack(found["StackName"], found["StackId"], found["StackStatus"], reason, values)

    def stack_names(self, tag: str | None = None) -> list[str]:
        """The names of all existing stacks, or of those whose `tag` has their own name as its value."""
        pages = self._client.get_paginator("describe_stacks").paginate()
        stacks = [stack for page in pages for stack in page["Stacks"]]
        return [
            stack["StackName"]
            for stack in stacks
            if tag is None or {"Key": tag, "Value": stack["StackName"]} in stack.get("Tags", [])
        ]

    def template(self, stack: str) -> str:
        """The template of the last deployment."""
        body: Any = self._client.get_template(StackName=stack)["TemplateBody"]
        return body if isinstance(body, str) else json.dumps(body)  # botocore parses JSON

    def delete_stack(self, stack_id: str, retain: Collection[str] = ()) -> None:
        """Starts the deletion of a stack.

        Args:
            stack_id: its id.
            retain: logical ids of resources to keep; AWS accepts them only after a failed deletion.
        """
        if retain:
            self._client.delete_stack(StackName=stack_id, RetainResources=sorted(retain))
        else:
            self._client.delete_stack(StackName=stack_id)

    def continue_rollback(self, stack_id: str) -> None:
        """Continues the failed rollback of an update."""
        self._client.continue_update_rollback(StackName=stack_id)

    def events(self, stack_id: str) -> Iterator[StackEvent]:
        """The events of the stack, newest first."""
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
        """Why CloudFormation refused a deployment before it changed anything, a line for each resource."""
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

    def has_type(self, resource_type: str) -> bool:
        """Whether the region has a resource type, such as `AWS::QuickSight::Dashboard`."""
        try:
            self._client.describe_type(Type="RESOURCE", TypeName=resource_type)
        except ClientError as error:
            if code(error) == "TypeNotFoundException":
                return False
            raise
        return True

    def detect_drift(self, stack: str) -> str:
        """Starts a drift detection; returns its id."""
        return self._client.detect_stack_drift(StackName=stack)["StackDriftDetectionId"]

    def drift_detected(self, detection_id: str) -> bool:
        """Whether the drift detection has ended; if it failed for some resources, the others have results."""
        found = self._client.describe_stack_drift_detection_status(StackDriftDetectionId=detection_id)
        return found["DetectionStatus"] != "DETECTION_IN_PROGRESS"

    def missing_resources(self, stack: str) -> list[Resource]:
        """The resources that were deleted outside the stack, by the last drift detection."""
        found = self._client.describe_stack_resource_drifts(
            StackName=stack, StackResourceDriftStatusFilters=["DELETED"], MaxResults=100
        )
        return [
            Resource(each["LogicalResourceId"], each["ResourceType"], each.get("PhysicalResourceId", ""))
            for each in found["StackResourceDrifts"]
        ]

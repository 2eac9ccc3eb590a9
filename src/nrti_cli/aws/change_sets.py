"""CloudFormation's change sets: what a stack shall be, and what it takes to make it so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.client import CloudFormationClient
    from mypy_boto3_cloudformation.type_defs import (
        CreateChangeSetInputTypeDef,
        ParameterTypeDef,
        ResourceToImportTypeDef,
    )

    from nrti_cli.aws.cloudformation import Stack
    from nrti_cli.aws.target import Target

ChangeSetKind = Literal["CREATE", "UPDATE", "IMPORT"]
_NO_CHANGE = ("didn't contain changes", "No updates are to be performed")


@dataclass(frozen=True)
class Change:
    """What a change set will do to one resource.

    Attributes:
        action: Add, Modify, Remove or Import.
        logical_id: its name in the template.
        type: such as `AWS::SQS::Queue`.
        replacement: whether modifying it means a new one: True, False, or Conditional if nobody knows yet.
        properties: the ones that change, where CloudFormation says so.
    """

    action: str
    logical_id: str
    type: str
    replacement: str = "False"
    properties: tuple[str, ...] = ()


@dataclass(frozen=True)
class ChangeSet:
    """A change set; `empty` when it would change nothing."""

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
class Import:
    """A resource that exists and shall become the stack's: its service knows it by `identifier`."""

    logical_id: str
    type: str
    identifier: Mapping[str, str]


@dataclass(frozen=True)
class Definition:
    """What a stack shall be.

    Attributes:
        template: the template's text.
        parameters: values to set; a parameter that is not named keeps its value, or takes its default.
        tags: for the stack and, through it, for its resources.
        imports: resources to take in; then the template may add no others, and nothing else may change.
    """

    template: str
    parameters: Mapping[str, str]
    tags: Mapping[str, str]
    imports: tuple[Import, ...] = ()


class ChangeSets:
    """Makes, reads, executes and deletes change sets."""

    def __init__(self, target: Target) -> None:
        self._client: CloudFormationClient = target.client("cloudformation")
        self._stack = target.stack

    def create(self, kind: ChangeSetKind, name: str, definition: Definition, deployed: Stack | None) -> str:
        """Begins to compute what it takes to make the stack as defined; returns the change set's id.

        Args:
            kind: CREATE makes a stack that has nothing yet, IMPORT one of resources that exist.
            name: the change set's.
            definition: what the stack shall be.
            deployed: the stack that is there, if it has been deployed.
        """
        request: CreateChangeSetInputTypeDef = {
            "StackName": self._stack,
            "ChangeSetName": name,
            "ChangeSetType": kind,
            "TemplateBody": definition.template,
            "Parameters": self._parameters(definition, deployed),
            "Capabilities": ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"],
        }
        if definition.tags:
            request["Tags"] = [{"Key": key, "Value": value} for key, value in definition.tags.items()]
        if definition.imports:
            request["ResourcesToImport"] = _imported(definition)
        return self._client.create_change_set(**request)["Id"]

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

    def read(self, change_set_id: str) -> ChangeSet:
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
            changes=tuple(_change(each["ResourceChange"]) for each in changes),
        )

    def execute(self, change_set_id: str) -> None:
        """Begins to do what the change set says."""
        self._client.execute_change_set(ChangeSetName=change_set_id)

    def delete(self, change_set_id: str) -> None:
        """Forgets a change set."""
        self._client.delete_change_set(ChangeSetName=change_set_id)


def _imported(definition: Definition) -> list[ResourceToImportTypeDef]:
    return [
        {
            "ResourceType": each.type,
            "LogicalResourceId": each.logical_id,
            "ResourceIdentifier": each.identifier,
        }
        for each in definition.imports
    ]


def _change(change: Any) -> Change:
    targets = [detail.get("Target", {}) for detail in change.get("Details", [])]
    return Change(
        action=change["Action"],
        logical_id=change["LogicalResourceId"],
        type=change["ResourceType"],
        replacement=change.get("Replacement", "False"),
        # What is no property is an attribute, such as Tags or DeletionPolicy.
        properties=tuple(dict.fromkeys(t.get("Name") or t.get("Attribute", "") for t in targets)),
    )

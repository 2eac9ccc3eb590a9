"""CloudFormation's change sets: computes and executes the changes from one state of a stack to another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from botocore.exceptions import ClientError

from nrti_cli.aws.errors import message
from nrti_cli.errors import NrtiError

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.client import CloudFormationClient
    from mypy_boto3_cloudformation.type_defs import (
        CreateChangeSetInputTypeDef,
        ParameterTypeDef,
        ResourceToImportTypeDef,
    )

    from nrti_cli.aws.cloudformation.stacks import Stack
    from nrti_cli.aws.target import Target

ChangeSetKind = Literal["CREATE", "UPDATE", "IMPORT"]
#: How CloudFormation's message begins when S3 refuses to give it the template.
_UNREADABLE = "S3 error: "
_NO_CHANGE = ("didn't contain changes", "No updates are to be performed")


#: Sources of a change in a property that refers to another resource.
_REFERENCES = {"ResourceAttribute", "ResourceReference"}


@dataclass(frozen=True)
class Change:
    """What a change set will do to one resource.

    Attributes:
            action: Add, Modify, Remove or Import.
            logical_id: its name in the template.
            type: such as `AWS::SQS::Queue`.
            replacement: whether the modification creates a new resource: True, False or Conditional.
            properties: the changed properties, as far as CloudFormation reports them.
            evaluation: Static; or Dynamic for a resource that only refers to changed ones: it changes if an
                attribute that it uses does, which CloudFormation finds out when it executes the change set.
    """

    action: str
    logical_id: str
    type: str
    replacement: str = "False"
    properties: tuple[str, ...] = ()
    evaluation: str = "Static"


@dataclass(frozen=True)
class ChangeSet:
    """A change set; `empty` if it would change nothing."""

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
        """Whether it failed only because there is nothing to change."""
        return self.status == "FAILED" and any(text in self.reason for text in _NO_CHANGE)


@dataclass(frozen=True)
class Import:
    """An existing resource to import into the stack; its service knows it by `identifier`."""

    logical_id: str
    type: str
    identifier: Mapping[str, str]


@dataclass(frozen=True)
class Definition:
    """The desired state of a stack.

    Attributes:
        template: the text of the template.
        parameters: values to set; parameters that are not named keep their value or take the default.
        tags: for the stack and, through it, for its resources.
        imports: resources to import; the template may then neither add nor change others.
    """

    template: str
    parameters: Mapping[str, str]
    tags: Mapping[str, str]
    imports: tuple[Import, ...] = ()


class ChangeSets:
    """Creates, describes, executes and deletes change sets."""

    def __init__(self, target: Target) -> None:
        self._client: CloudFormationClient = target.client("cloudformation")
        self._stack = target.stack

    def create(
        self,
        kind: ChangeSetKind,
        name: str,
        definition: Definition,
        template_url: str,
        deployed: Stack | None,
    ) -> str:
        """Creates a change set; returns its id.

        Args:
            kind: CREATE for a new stack, UPDATE, or IMPORT for existing resources.
            name: the change set's.
            definition: the desired state.
            template_url: where CloudFormation reads the definition's template.
            deployed: the existing stack, if there is one.

        Raises:
            NrtiError: CloudFormation cannot read the template.
        """
        with _explained(template_url):
            request: CreateChangeSetInputTypeDef = {
                "StackName": self._stack,
                "ChangeSetName": name,
                "ChangeSetType": kind,
                "TemplateURL": template_url,
                "Parameters": self._parameters(definition, template_url, deployed),
                "Capabilities": ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"],
            }
            if definition.tags:
                request["Tags"] = [{"Key": key, "Value": value} for key, value in definition.tags.items()]
            if definition.imports:
                request["ResourcesToImport"] = _imported(definition)
            return self._client.create_change_set(**request)["Id"]

    def _parameters(
        self, definition: Definition, template_url: str, deployed: Stack | None
    ) -> list[ParameterTypeDef]:
        """The parameters to send; those of an update that are not set keep their value.

        An update would otherwise use the default. A parameter that the new template does not declare must be
        left out, so its declarations are read first.
        """
        values: list[ParameterTypeDef] = [
            {"ParameterKey": key, "ParameterValue": value} for key, value in definition.parameters.items()
        ]
        if not deployed:
            return values
        summary = self._client.get_template_summary(TemplateURL=template_url)
        declared = {each["ParameterKey"] for each in summary.get("Parameters", [])}
        unset = sorted((declared & deployed.parameters.keys()) - definition.parameters.keys())
        kept: list[ParameterTypeDef] = [{"ParameterKey": key, "UsePreviousValue": True} for key in unset]
        return [*values, *kept]

    def read(self, change_set_id: str) -> ChangeSet:
        """The status of a change set, and its changes."""
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
        """Starts the execution of a change set."""
        self._client.execute_change_set(ChangeSetName=change_set_id)

    def delete(self, change_set_id: str) -> None:
        """Deletes a change set."""
        self._client.delete_change_set(ChangeSetName=change_set_id)


@contextmanager
def _explained(template_url: str) -> Iterator[None]:
    """Explains why CloudFormation cannot read a template."""
    try:
        yield
    except ClientError as error:
        said = message(error)
        if not said.startswith(_UNREADABLE):
            raise
        raise NrtiError(
            f"CloudFormation cannot read the template {template_url}: "
            f"{said.removeprefix(_UNREADABLE).partition(chr(10))[0].strip()}",
            hint="it reads with your permissions: allow s3:GetObject on the objects of that bucket",
        ) from error


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
    details = change.get("Details", [])
    targets = [detail.get("Target", {}) for detail in details]
    return Change(
        action=change["Action"],
        logical_id=change["LogicalResourceId"],
        type=change["ResourceType"],
        replacement=change.get("Replacement", "False"),
        # Everything else is an attribute, such as Tags or DeletionPolicy.
        properties=tuple(dict.fromkeys(t.get("Name") or t.get("Attribute", "") for t in targets)),
        evaluation="Dynamic" if details and all(map(_only_refers, details)) else "Static",
    )


def _only_refers(detail: Any) -> bool:
    return detail.get("Evaluation") == "Dynamic" and detail.get("ChangeSource") in _REFERENCES

"""Deploys the stack by change set, whatever its state."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import uuid4

from nrti_cli.aws.cloudformation.change_sets import Change, ChangeSet, ChangeSetKind, ChangeSets, Definition
from nrti_cli.aws.cloudformation.stacks import CloudFormation, Stack
from nrti_cli.errors import NrtiError
from nrti_cli.stack.operation import Operation, Step, StuckError

if TYPE_CHECKING:
    from nrti_cli.aws.target import Target
    from nrti_cli.stack.artifacts import ArtifactsBucket
    from nrti_cli.stack.poll_interval import PollInterval

#: The creation failed: nothing in the stack works, and CloudFormation only allows its deletion.
_STILLBORN = {"CREATE_FAILED", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED"}
_UPDATABLE = re.compile(r"(CREATE|UPDATE|UPDATE_ROLLBACK|IMPORT|IMPORT_ROLLBACK)_COMPLETE")
_ENDED_WELL = {"CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE"}


@dataclass(frozen=True)
class DeploymentPlan:
    """The changes of a deployment, before they are made.

    Attributes:
        kind: CREATE, UPDATE, or IMPORT of existing resources.
        listed: by resource; also empty if only outputs change.
        change_set: to be executed; None if nothing would change, and before the stack exists.
    """

    kind: ChangeSetKind
    listed: tuple[Change, ...]
    change_set: ChangeSet | None

    @property
    def changes(self) -> tuple[Change, ...]:
        """Those that are certain."""
        return tuple(change for change in self.listed if change.evaluation == "Static")


class Deployment:
    """Deploys a definition to the stack of a target: `settle`, `plan`, `execute`, in this order.

    Args:
        target: with the stack.
        poll: how often to ask for news.
        artifacts: the bucket from which CloudFormation reads the templates.
    """

    def __init__(self, target: Target, poll: PollInterval, artifacts: ArtifactsBucket) -> None:
        self._artifacts = artifacts
        self._cloudformation = CloudFormation(target)
        self._change_sets = ChangeSets(target)
        self._name = target.stack
        self._poll = poll

    def settle(self) -> Iterator[Step]:
        """Brings the stack into a state that accepts a change set.

        It waits for an operation in progress, deletes a failed creation, and continues a failed rollback.

        Raises:
            NrtiError: that did not help.
        """
        while (stack := self._cloudformation.stack(self._name)) and not takes_change_set(stack):
            if stack.status.endswith("_IN_PROGRESS"):
                yield from self._await(stack)
            elif stack.status in _STILLBORN:
                yield from self._delete(stack)
            elif stack.status == "UPDATE_ROLLBACK_FAILED":
                yield from self._continue_rollback(stack)
            else:
                raise NrtiError(
                    f"stack {self._name!r} is {stack.status} ({stack.reason})",
                    hint="run nrti teardown, which finishes the deletion, then nrti bootstrap",
                )

    def _await(self, stack: Stack) -> Iterator[Step]:
        operation = Operation(self._cloudformation, stack.id, self._poll)
        try:
            yield from operation.follow()
        except StuckError as stuck:
            # The last event may have been missed; the stack's status has it.
            now = self._cloudformation.stack(stack.id)
            if now and now.status != stack.status:
                return
            if stack.status != "CREATE_IN_PROGRESS":
                raise NrtiError(
                    f"stack {self._name!r} is {stack.status} and {stuck}",
                    hint="run nrti teardown, then nrti bootstrap",
                ) from stuck
            # A creation that was cut off, for example by the end of the embedded AWS, has nothing in use.
            yield from self._delete(stack)

    def _delete(self, stack: Stack) -> Iterator[Step]:
        operation = Operation(self._cloudformation, stack.id, self._poll)
        self._cloudformation.delete_stack(stack.id)
        yield from operation.follow()
        if operation.status != "DELETE_COMPLETE":
            raise operation.failure("deleting the remains of", "run nrti teardown, then nrti bootstrap")

    def _continue_rollback(self, stack: Stack) -> Iterator[Step]:
        operation = Operation(self._cloudformation, stack.id, self._poll)
        self._cloudformation.continue_rollback(stack.id)
        yield from operation.follow()
        if operation.status != "UPDATE_ROLLBACK_COMPLETE":
            raise operation.failure("rolling back", "fix that resource, then run nrti bootstrap")

    def plan(self, definition: Definition) -> DeploymentPlan:
        """Lets CloudFormation compute the changes, without making them.

        Raises:
            NrtiError: CloudFormation refuses the definition, or cannot read the template.
        """
        stack = self._cloudformation.stack(self._name)
        deployed = stack if stack and not is_empty(stack) else None
        kind: ChangeSetKind = "IMPORT" if definition.imports else "UPDATE" if deployed else "CREATE"
        with self._artifacts.staged(definition.template) as url:
            name = f"nrti-{uuid4().hex}"
            change_set_id = self._change_sets.create(kind, name, definition, url, deployed)
            while (change_set := self._change_sets.read(change_set_id)).pending:
                self._poll.wait()
        if change_set.status == "CREATE_COMPLETE":
            return DeploymentPlan(kind, change_set.changes, change_set)
        self._discard(change_set, kind)
        if change_set.empty:
            return DeploymentPlan(kind, (), None)
        raise NrtiError(f"CloudFormation refuses the change: {change_set.reason}")

    def discard(self, plan: DeploymentPlan) -> None:
        """Deletes a plan that is not to be executed."""
        if plan.change_set:
            self._discard(plan.change_set, plan.kind)

    def _discard(self, change_set: ChangeSet, kind: ChangeSetKind) -> None:
        self._change_sets.delete(change_set.id)
        if kind != "UPDATE":  # the stack was created by the change set, and is empty
            self._cloudformation.delete_stack(change_set.stack_id)

    def execute(self, plan: DeploymentPlan) -> Iterator[Step]:
        """Executes a plan; yields each resource that reaches a status.

        Raises:
            NrtiError: a resource failed; the stack has been rolled back.
        """
        if not plan.change_set:
            return
        operation = Operation(self._cloudformation, plan.change_set.stack_id, self._poll)
        planned = {change.logical_id for change in plan.changes}
        self._change_sets.execute(plan.change_set.id)
        try:
            # The embedded AWS reports an update of all resources, even of unchanged ones.
            yield from (step for step in operation.follow() if step.logical_id in planned)
        except StuckError as stuck:
            raise NrtiError(
                f"deploying the stack made no progress: {stuck}", hint="run nrti bootstrap again"
            ) from stuck
        if operation.status not in _ENDED_WELL:
            raise operation.failure("deploying", "fix that, then run nrti bootstrap again")


def is_empty(stack: Stack) -> bool:
    """Whether nothing was ever deployed: it was created by a change set that was not executed."""
    return stack.status == "REVIEW_IN_PROGRESS"


def takes_change_set(stack: Stack) -> bool:
    """Whether its state allows a deployment."""
    return is_empty(stack) or bool(_UPDATABLE.fullmatch(stack.status))

"""Deletes everything that belongs to a stack: finds it, deletes it, and checks that nothing is left.

There is no memory between the steps: what remains to be done is what still exists. A teardown that was
interrupted therefore continues where it stopped.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import TYPE_CHECKING

from nrti_cli.aws.apigateway import reset_log_role
from nrti_cli.aws.cloudformation.stacks import CloudFormation, Stack
from nrti_cli.aws.cloudwatch.log_groups import LogGroups
from nrti_cli.aws.dynamodb.tables import delete_table, disable_kinesis_destinations, find_table
from nrti_cli.aws.s3.buckets import Buckets
from nrti_cli.aws.sagemaker.cleanup import STACK_TAG, Owned, SageMakerCleanup
from nrti_cli.aws.ssm import delete_secrets
from nrti_cli.aws.tagging import tagged
from nrti_cli.errors import NrtiError
from nrti_cli.stack.artifacts import ArtifactsBucket
from nrti_cli.stack.deploy import Deployment
from nrti_cli.stack.inventory import Finder, Inventory
from nrti_cli.stack.names import API_LOG_ROLE, TRAINING_LOG_GROUP, api_log_role
from nrti_cli.stack.operation import Operation, Step
from nrti_cli.stack.retention import retaining
from nrti_cli.stack.template import parse

if TYPE_CHECKING:
    from nrti_cli.aws.target import Target
    from nrti_cli.stack.poll_interval import PollInterval

#: Attempts to delete the stack, and log groups. Events in progress may fill a bucket that was just emptied,
#: and a function that still runs creates its log group again.
_ATTEMPTS = 3


class Teardown:
    """Deletes what a `Finder` has found, except what is to be kept."""

    def __init__(self, target: Target, finder: Finder, poll: PollInterval) -> None:
        self._target = target
        self._finder = finder
        self._poll = poll
        self._cloudformation = CloudFormation(target)
        self._buckets = Buckets(target)
        self._sagemaker = SageMakerCleanup(target)
        self._log_groups = LogGroups(target)

    def delete(self, inventory: Inventory) -> Iterator[Step]:
        """Deletes what was found; yields what is gone.

        Raises:
            NrtiError: something could not be deleted, or is left; the message names it and the reason.
        """
        if inventory.dashboard:
            yield from self._delete_stack(inventory.dashboard)
        if inventory.stack and inventory.kept:
            yield from self._detach(inventory.stack, inventory)
        yield from self._delete_sagemaker(inventory.sagemaker)
        if inventory.stack:
            kept = {each.logical_id for each in inventory.kept if each in inventory.resources}
            retain = kept if inventory.stack.status == "DELETE_FAILED" else ()
            if any(each.logical_id == API_LOG_ROLE for each in inventory.resources):
                reset_log_role(self._target, api_log_role(self._target))
            yield from self._delete_stack(inventory.stack, inventory.buckets, retain)
        yield from self._delete_rest(inventory)
        yield from self._verify(inventory)

    def _detach(self, stack: Stack, inventory: Inventory) -> Iterator[Step]:
        """Makes the stack retain the data when it is deleted."""
        kept = {each.logical_id for each in inventory.kept if each in inventory.resources}
        if stack.status == "DELETE_FAILED":
            # It accepts no update, but its deletion can retain resources.
            for each in inventory.kept:
                if each.type == "AWS::DynamoDB::Table":
                    disable_kinesis_destinations(self._target, each.physical_id)
            return
        if not kept:
            return
        deployment = Deployment(self._target, self._poll, ArtifactsBucket(self._target))
        yield from deployment.settle()
        if not self._cloudformation.stack(self._target.stack):
            return  # it was being deleted already, or was never created completely
        template = parse(self._cloudformation.template(stack.id))
        definition = retaining(template, kept, {STACK_TAG: self._target.stack})
        yield from deployment.execute(deployment.plan(definition))

    def _delete_sagemaker(self, found: Collection[Owned]) -> Iterator[Step]:
        """Deletes until nothing is left: a running training job must end first."""
        began = self._poll.clock()
        begun: set[Owned] = set()
        while found:
            for each in [each for each in found if each not in begun]:
                if each.kind == "training job" and not each.runs:
                    self._log_groups.delete_streams(TRAINING_LOG_GROUP, f"{each.name}/")
                self._sagemaker.delete(each)
                begun.add(each)
                if not each.runs:
                    yield _gone(f"SageMaker::{each.kind.title().replace(' ', '')}", each.name)
            found = self._sagemaker.owned()
            if found and self._poll.clock() - began > self._poll.timeout:
                one = next(iter(found))
                raise NrtiError(f"{one.kind} {one.name} still exists", hint="run nrti teardown again")
            if found:
                self._poll.wait()

    def _delete_stack(
        self, stack: Stack, buckets: Collection[str] = (), retain: Collection[str] = ()
    ) -> Iterator[Step]:
        for _ in range(_ATTEMPTS):
            for bucket in buckets:
                if self._buckets.exists(bucket):
                    self._buckets.empty(bucket)
            operation = Operation(self._cloudformation, stack.id, self._poll)
            now = self._cloudformation.stack(stack.id)
            if not now or now.status == "DELETE_COMPLETE":
                return
            self._cloudformation.delete_stack(stack.id, retain)
            yield from operation.follow()
            if operation.status == "DELETE_COMPLETE":
                return
        raise operation.failure("deleting", "fix that, then run nrti teardown again")

    def _delete_rest(self, inventory: Inventory) -> Iterator[Step]:
        for bucket in inventory.buckets:
            self._buckets.delete(bucket)
            yield _gone("S3::Bucket", bucket)
        for table in inventory.tables:
            delete_table(self._target, table)
            while find_table(self._target, table):
                self._poll.wait()
            yield _gone("DynamoDB::Table", table)
        delete_secrets(self._target, inventory.secrets)
        for secret in inventory.secrets:
            yield _gone("SSM::Parameter", secret)
        yield from self._delete_log_groups(self._finder.stray_log_groups((), inventory.sagemaker))

    def _delete_log_groups(self, groups: Iterable[str]) -> Iterator[Step]:
        for group in groups:
            self._log_groups.delete(group)
            yield _gone("Logs::LogGroup", group)

    def _verify(self, inventory: Inventory) -> Iterator[Step]:
        """Looks for what is left, by name and by tag, and deletes log groups that were created again.

        Raises:
            NrtiError: anything else is left, or log groups are created again and again.
        """
        found = self._finder.find()
        for _ in range(_ATTEMPTS):
            if not found.log_groups:
                break
            yield from self._delete_log_groups(found.log_groups)
            self._poll.wait()
            found = self._finder.find()
        left = found.lines() or self._tagged_but(inventory)
        if left:
            raise NrtiError(f"not deleted: {'; '.join(left)}", hint="run nrti teardown again")

    def _tagged_but(self, inventory: Inventory) -> list[str]:
        """The ARNs with the stack's tag that were not kept; waits for AWS's tag index to be updated."""
        kept = tuple(f"{mark}{each.physical_id}" for each in inventory.kept for mark in ":/")
        began = self._poll.clock()
        while left := [
            arn for arn in tagged(self._target, STACK_TAG, self._target.stack) if not arn.endswith(kept)
        ]:
            if self._poll.clock() - began > self._poll.tag_lag:
                break
            self._poll.wait()
        return left


def _gone(what: str, name: str) -> Step:
    """The deletion of a resource outside CloudFormation, as a step with a type like `SageMaker::Endpoint`."""
    return Step(name, f"AWS::{what}", "DELETE_COMPLETE", reason="", seconds=0)

"""Deletes everything that has the stack's name: found first, shown, then deleted, then looked for again.

Nothing is remembered between the steps: what is left to do is what is still there. A teardown that was
interrupted therefore goes on where it stopped.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nrti_cli.aws.cloudformation import CloudFormation, Resource, Stack
from nrti_cli.aws.loggroups import LogGroups
from nrti_cli.aws.s3 import S3
from nrti_cli.aws.sagemaker_cleanup import Owned, SageMakerCleanup
from nrti_cli.errors import NrtiError
from nrti_cli.stack.names import owns_bucket
from nrti_cli.stack.operation import Operation, Step

if TYPE_CHECKING:
    from nrti_cli.aws.target import Target
    from nrti_cli.stack.pace import Pace

_BUCKET = "AWS::S3::Bucket"
#: Attempts to delete the stack; records that are still on their way may fill a bucket that was just emptied.
_ATTEMPTS = 3


@dataclass(frozen=True)
class Inventory:
    """What there is of a stack.

    Attributes:
        stack: the CloudFormation stack, if it exists.
        resources: what is in it.
        sagemaker: endpoints, configurations, models, and training jobs that run.
        buckets: with the number of objects and versions in them.
        log_groups: those that the services made by themselves; the stack deletes its own.
    """

    stack: Stack | None
    resources: tuple[Resource, ...]
    sagemaker: tuple[Owned, ...]
    buckets: Mapping[str, int]
    log_groups: tuple[str, ...]

    def __bool__(self) -> bool:
        """Whether there is anything."""
        return any((self.stack, self.sagemaker, self.buckets, self.log_groups))

    def lines(self) -> list[str]:
        """What will be deleted, for a person to read."""
        stack = self.stack
        verb = {"training job": "training job (is stopped)"}
        return [
            *([f"stack {stack.name} ({stack.status}): {len(self.resources)} resources"] if stack else []),
            *(f"{verb.get(each.kind, each.kind)} {each.name}" for each in self.sagemaker),
            *(f"bucket {name}: {count:,} objects" for name, count in self.buckets.items()),
            *(f"log group {name}" for name in self.log_groups),
        ]

    def summary(self) -> str:
        """The same, counted by kind."""
        kinds: Counter[str] = Counter(each.kind for each in self.sagemaker)
        kinds.update({"bucket": len(self.buckets), "log group": len(self.log_groups)})
        counted = [f"{count} {kind}{'s' if count > 1 else ''}" for kind, count in kinds.items() if count]
        return ", ".join([*(["the stack"] if self.stack else []), *counted])


class Teardown:
    """Finds and deletes everything of a target's stack."""

    def __init__(self, target: Target, pace: Pace) -> None:
        self._target = target
        self._pace = pace
        self._cloudformation = CloudFormation(target)
        self._s3 = S3(target)
        self._sagemaker = SageMakerCleanup(target)
        self._log_groups = LogGroups(target)

    def inventory(self) -> Inventory:
        """Looks for everything that has the stack's name."""
        stack = self._cloudformation.stack(self._target.stack)
        resources = tuple(self._cloudformation.resources(stack.id)) if stack else ()
        sagemaker = tuple(self._sagemaker.owned())
        names = {name for name in self._s3.bucket_names() if owns_bucket(self._target, name)}
        in_stack = {resource.physical_id for resource in resources if resource.type == _BUCKET}
        existing = sorted(names | {name for name in in_stack if self._s3.bucket_exists(name)})
        with ThreadPoolExecutor() as threads:
            counts = threads.map(self._s3.versions, existing)
        return Inventory(
            stack=stack,
            resources=resources,
            sagemaker=sagemaker,
            buckets=dict(zip(existing, counts, strict=True)),
            log_groups=tuple(self._stray_log_groups(resources, sagemaker)),
        )

    def is_last_stack(self) -> bool:
        """Whether no other stack lives there."""
        return not set(self._cloudformation.stack_names()) - {self._target.stack}

    def _stray_log_groups(self, resources: tuple[Resource, ...], sagemaker: tuple[Owned, ...]) -> list[str]:
        """Where Lambda and SageMaker write by themselves; the stack deletes those that are its own.

        A function that is still at work when its group is deleted makes the group again, so these are looked
        for once more when the stack has gone.
        """
        functions = {f"{self._target.stack}-{role}" for role in ("inference", "transform")}
        endpoints = [each.name for each in sagemaker if each.kind == "endpoint"]
        names = [
            *(f"/aws/lambda/{name}" for name in sorted(functions)),
            *(f"/aws/sagemaker/Endpoints/{name}" for name in endpoints),
        ]
        own = {resource.physical_id for resource in resources}
        return self._log_groups.existing(name for name in names if name not in own)

    def delete(self, inventory: Inventory) -> Iterator[Step | str]:
        """Deletes what was found and yields what is gone: stack resources as steps, the rest as a line.

        Raises:
            NrtiError: something could not be deleted; it is named with the reason.
        """
        yield from self._delete_sagemaker(inventory)
        if inventory.stack:
            yield from self._delete_stack(inventory.stack, inventory)
        for bucket in inventory.buckets:
            self._s3.delete_bucket(bucket)
            yield f"bucket {bucket}"
        for group in self._stray_log_groups((), inventory.sagemaker):
            self._log_groups.delete(group)
            yield f"log group {group}"
        self._verify()

    def _delete_sagemaker(self, inventory: Inventory) -> Iterator[str]:
        for each in inventory.sagemaker:
            self._sagemaker.delete(each)
            yield f"{each.kind} {each.name}"
        began = self._pace.clock()
        while inventory.sagemaker and (left := self._sagemaker.owned()):
            if self._pace.clock() - began > self._pace.patience:
                raise NrtiError(
                    f"{left[0].kind} {left[0].name} does not go away", hint="run nrti teardown again"
                )
            self._pace.rest()

    def _delete_stack(self, stack: Stack, inventory: Inventory) -> Iterator[Step]:
        for _ in range(_ATTEMPTS):
            for bucket in inventory.buckets:
                if self._s3.bucket_exists(bucket):
                    self._s3.empty_bucket(bucket)
            operation = Operation(self._cloudformation, stack.id, self._pace)
            self._cloudformation.delete_stack(stack.id)
            yield from operation.follow()
            if operation.status == "DELETE_COMPLETE":
                return
        raise operation.failure("deleting", "put that right, then run nrti teardown again")

    def _verify(self) -> None:
        left = self.inventory()
        if left:
            raise NrtiError(f"left over: {'; '.join(left.lines())}", hint="run nrti teardown again")

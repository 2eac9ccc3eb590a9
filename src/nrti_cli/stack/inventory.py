"""Finds everything that belongs to a stack: to show it before its deletion, and to check afterwards."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nrti_cli.assets import asset
from nrti_cli.aws.cloudformation.stacks import CloudFormation, Resource, Stack
from nrti_cli.aws.cloudwatch.log_groups import LogGroups
from nrti_cli.aws.s3.buckets import Buckets
from nrti_cli.aws.sagemaker.cleanup import Owned, SageMakerCleanup
from nrti_cli.aws.ssm import secrets_below
from nrti_cli.counts import show_count
from nrti_cli.stack.names import endpoint_log_group, function_log_groups, owns_bucket, secrets_path
from nrti_cli.stack.quicksight import dashboard_target
from nrti_cli.stack.retention import is_data, without_owner
from nrti_cli.stack.template import parse

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nrti_cli.aws.target import Target

_BUCKET, _TABLE = "AWS::S3::Bucket", "AWS::DynamoDB::Table"


@dataclass(frozen=True)
class Inventory:
    """What is to be deleted, and what is kept.

    Attributes:
        stack: the CloudFormation stack, if it exists.
        dashboard: the QuickSight dashboard's stack, if it exists.
        resources: of the stack.
        sagemaker: endpoints, endpoint configurations, models and training jobs.
        buckets: with the number of objects and versions.
        tables: tables that are in no stack any more.
        log_groups: those that services created; the stack deletes its own.
        secrets: SSM parameters with the addresses of webhooks.
        kept: the data to keep, in a stack or not.
    """

    stack: Stack | None = None
    dashboard: Stack | None = None
    resources: tuple[Resource, ...] = ()
    sagemaker: tuple[Owned, ...] = ()
    buckets: Mapping[str, int] = field(default_factory=dict)
    tables: tuple[str, ...] = ()
    log_groups: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()
    kept: tuple[Resource, ...] = ()

    def __bool__(self) -> bool:
        """Whether there is anything to delete."""
        found = self.stack, self.dashboard, self.sagemaker, self.buckets, self.tables, self.log_groups
        return any((*found, self.secrets))

    def lines(self) -> list[str]:
        """What will be deleted, as lines of text."""
        stack, resources = self.stack, show_count(len(self.resources), "resource")
        return [
            *([f"stack {self.dashboard.name} ({self.dashboard.status})"] if self.dashboard else []),
            *([f"stack {stack.name} ({stack.status}): {resources}"] if stack else []),
            *(f"{each.kind}{' (is stopped)' if each.runs else ''} {each.name}" for each in self.sagemaker),
            *(f"bucket {name}: {show_count(count, 'object')}" for name, count in self.buckets.items()),
            *(f"table {name}" for name in self.tables),
            *(f"log group {name}" for name in self.log_groups),
            *(f"SSM parameter {name}" for name in self.secrets),
        ]

    def types(self) -> list[str]:
        """The resource types of everything that will be deleted, in CloudFormation's notation."""
        kept = {each.logical_id for each in self.kept}
        in_stack = {each.physical_id for each in self.resources}
        return [
            *(each.type for each in self.resources if each.logical_id not in kept),
            *("AWS::SageMaker::" for _ in self.sagemaker),
            *(_BUCKET for name in self.buckets if name not in in_stack),
            *(_TABLE for _ in self.tables),
            *("AWS::Logs::LogGroup" for _ in self.log_groups),
            *("AWS::SSM::Parameter" for _ in self.secrets),
        ]

    def summary(self) -> str:
        """What will be deleted, as counts by kind."""
        kinds: Counter[str] = Counter(each.kind for each in self.sagemaker)
        kinds.update(
            {
                "bucket": len(self.buckets),
                "table": len(self.tables),
                "log group": len(self.log_groups),
                "SSM parameter": len(self.secrets),
            }
        )
        counted = [show_count(count, kind) for kind, count in kinds.items() if count]
        stacks = [*(["the dashboard"] if self.dashboard else []), *(["the stack"] if self.stack else [])]
        return ", ".join([*stacks, *counted])

    def keeps(self) -> str:
        """The data that is kept, by name; empty if none is."""
        nouns = {_BUCKET: "bucket", _TABLE: "table"}
        return ", ".join(f"{nouns[each.type]} {each.physical_id}" for each in self.kept)


class Finder:
    """Finds everything that belongs to a target's stack.

    Args:
        target: the AWS and the stack.
        keep_data: whether to keep the table and the lake.
    """

    def __init__(self, target: Target, *, keep_data: bool) -> None:
        self._target = target
        self._keep_data = keep_data
        self._cloudformation = CloudFormation(target)
        self._buckets = Buckets(target)
        self._sagemaker = SageMakerCleanup(target)
        self._log_groups = LogGroups(target)

    def find(self) -> Inventory:
        """Finds what exists now."""
        stack = self._cloudformation.stack(self._target.stack)
        resources = tuple(self._cloudformation.resources(stack.id)) if stack else ()
        sagemaker = tuple(self._sagemaker.owned())
        data = self._data(resources)
        kept = data if self._keep_data else ()
        in_stack = {resource.physical_id for resource in resources}
        tables = (each.physical_id for each in data if each.type == _TABLE and not self._keep_data)
        return Inventory(
            stack=stack,
            dashboard=self._cloudformation.stack(dashboard_target(self._target).stack),
            resources=resources,
            sagemaker=sagemaker,
            buckets=self._counted(self._owned_buckets(data) - {each.physical_id for each in kept}),
            tables=tuple(name for name in tables if name not in in_stack),
            log_groups=tuple(self.stray_log_groups(in_stack, sagemaker)),
            secrets=tuple(secrets_below(self._target, secrets_path(self._target.stack))),
            kept=kept,
        )

    def _data(self, resources: tuple[Resource, ...]) -> tuple[Resource, ...]:
        """The table and the lake, if they exist: resources of the stack, or by their names."""
        own = [each for each in resources if is_data(each.type) and each.status != "DELETE_COMPLETE"]
        known = {each.physical_id for each in own}
        template = parse(asset("cloudformation/pipeline.yaml").read_text(encoding="utf-8"))
        stray = [
            Resource(each.logical_id, each.type, name)
            for each in without_owner(self._target, template)
            for name in each.identifier.values()
            if name not in known
        ]
        return (*own, *stray)

    def _owned_buckets(self, data: tuple[Resource, ...]) -> set[str]:
        """The buckets with the stack's name, and those of the stack with any name."""
        named = {name for name in self._buckets.names() if owns_bucket(self._target, name)}
        in_stack = {each.physical_id for each in data if each.type == _BUCKET} - named
        return named | {name for name in in_stack if self._buckets.exists(name)}

    def _counted(self, buckets: set[str]) -> dict[str, int]:
        existing = sorted(buckets)
        with ThreadPoolExecutor() as threads:
            return dict(zip(existing, threads.map(self._buckets.versions, existing), strict=True))

    def stray_log_groups(self, in_stack: Iterable[str], sagemaker: tuple[Owned, ...]) -> list[str]:
        """The log groups that Lambda and SageMaker create; the stack deletes its own.

        A function that still runs when its log group is deleted creates it again. So these are looked for
        again when the stack is deleted.
        """
        endpoints = [each.name for each in sagemaker if each.kind == "endpoint"]
        names = [
            *function_log_groups(self._target.stack),
            *(endpoint_log_group(name) for name in endpoints),
        ]
        own = set(in_stack)
        return self._log_groups.existing(name for name in names if name not in own)

    def is_last_stack(self) -> bool:
        """Whether there is no other stack."""
        own = {self._target.stack, dashboard_target(self._target).stack}
        return not set(self._cloudformation.stack_names()) - own

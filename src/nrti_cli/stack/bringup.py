"""Creates, updates or repairs the stack, whatever its state, for `nrti bootstrap`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from nrti_cli.assets import asset
from nrti_cli.aws.apigateway import reset_log_role
from nrti_cli.aws.cloudformation.change_sets import Change, Definition
from nrti_cli.aws.cloudformation.stacks import CloudFormation
from nrti_cli.aws.dynamodb.item_expiry import expire_all
from nrti_cli.counts import show_count
from nrti_cli.stack.artifacts import ArtifactsBucket
from nrti_cli.stack.conditions import created
from nrti_cli.stack.deploy import Deployment, DeploymentPlan, is_empty, takes_change_set
from nrti_cli.stack.names import API_LOG_ROLE, api_log_role
from nrti_cli.stack.operation import Step
from nrti_cli.stack.outputs import outputs
from nrti_cli.stack.package import Artifact, artifacts
from nrti_cli.stack.repair import Damage, damage, repair
from nrti_cli.stack.retention import importing, without_owner
from nrti_cli.stack.template import compact, parse

if TYPE_CHECKING:
    from nrti_cli.aws.cloudformation.change_sets import Import
    from nrti_cli.aws.cloudformation.stacks import Stack
    from nrti_cli.aws.target import Target
    from nrti_cli.stack.poll_interval import PollInterval
    from nrti_cli.stack.settings import StackSettings

#: Firehose's buffer time on the embedded AWS, where short waits cost nothing; AWS bills by the object.
_LOCAL_BUFFER_SECONDS = "5"


@dataclass(frozen=True)
class Notice:
    """A message that is not about a single resource of the stack."""

    text: str


class BringUp:
    """Creates, updates or repairs the stack of a target.

    Raises:
        UsageError: a setting is not allowed.
    """

    def __init__(self, target: Target, settings: StackSettings, poll: PollInterval) -> None:
        self._target = target
        self._poll = poll
        self._bucket = ArtifactsBucket(target)
        self._cloudformation = CloudFormation(target)
        self._deployment = Deployment(target, poll, self._bucket)
        self._template = parse(asset("cloudformation/pipeline.yaml").read_text(encoding="utf-8"))
        self._given = settings
        self._settings = settings.parameters(self._template["Parameters"])
        self._retention = timedelta(days=settings.retention_days or 0)
        self._tags = {"nrti:stack": target.stack}

    def run(self) -> Iterator[Notice | DeploymentPlan | Step]:
        """Yields the events of the deployment: each plan before it is executed, then its steps.

        Raises:
            UsageError: a setting does not fit what is deployed.
            NrtiError: a resource failed; the message names it and the reason.
        """
        self._check_shards()
        packaged = artifacts()
        yield from self._upload(packaged)
        yield from self._deployment.settle()
        stack = self._cloudformation.stack(self._target.stack)
        definition = self._definition(packaged, stack)
        if _is_new(stack):
            imports = without_owner(self._target, self._template)
            if imports:
                yield _adopted(imports)
                yield from self._execute(importing(self._template, imports, definition.parameters))
        else:
            found = damage(self._target, definition.template, self._poll)
            if found:
                yield _repaired(found)
                yield from repair(self._target, definition, found, self._poll)
        yield from self._execute(definition)
        if self._retention:
            yield from self._expire_stored()

    def preview(self) -> Iterator[Notice | DeploymentPlan]:
        """Yields what `run` would do, without changing anything.

        Raises:
            UsageError: a setting does not fit what is deployed.
            NrtiError: CloudFormation refuses the definition.
        """
        self._check_shards()
        stack = self._cloudformation.stack(self._target.stack)
        if stack and not takes_change_set(stack):
            yield Notice(f"stack {stack.name} is {stack.status}, which bootstrap would repair first")
            return
        definition = self._definition(artifacts(), stack)
        if _is_new(stack):
            yield from self._preview_new(definition)
            return
        found = damage(self._target, definition.template, self._poll)
        if found:
            yield _repaired(found)
        plan = self._deployment.plan(definition)
        self._deployment.discard(plan)
        yield plan

    def _check_shards(self) -> None:
        """Before the upload; a mode that is not given is that of the stack."""
        if self._given.kinesis_shards:
            stack = self._cloudformation.stack(self._target.stack)
            self._given.require_provisioned(stack.parameters if stack else {})

    def _preview_new(self, definition: Definition) -> Iterator[Notice | DeploymentPlan]:
        """What a new stack would have, by the template: there is no bucket to show it to CloudFormation."""
        imports = without_owner(self._target, self._template)
        if imports:
            yield _adopted(imports)
        adopted, resources = {each.logical_id for each in imports}, self._template["Resources"]
        names = sorted(created(self._template, definition.parameters), key=lambda name: name not in adopted)
        changes = (
            Change("Import" if name in adopted else "Add", name, resources[name]["Type"]) for name in names
        )
        yield DeploymentPlan("IMPORT" if imports else "CREATE", tuple(changes), change_set=None)

    def _upload(self, packaged: tuple[Artifact, ...]) -> Iterator[Step]:
        """Uploads the code and the state machine that the template refers to."""
        if not self._bucket.exists():
            self._bucket.create()
            yield Step(self._bucket.name, "AWS::S3::Bucket", "CREATE_COMPLETE", reason="", seconds=0)
        self._bucket.protect()
        self._bucket.upload(packaged)

    def _definition(self, packaged: tuple[Artifact, ...], stack: Stack | None) -> Definition:
        parameters = {"ArtifactsBucket": self._bucket.name, **self._settings}
        parameters.update({artifact.parameter: artifact.key for artifact in packaged})
        if _is_new(stack) and self._target.name == "local":
            parameters.setdefault("BufferSeconds", _LOCAL_BUFFER_SECONDS)
        return Definition(compact(self._template), parameters, self._tags)

    def _expire_stored(self) -> Iterator[Notice]:
        """Gives an expiry to what was stored when there was no retention."""
        if count := expire_all(self._target, outputs(self._target).table, self._retention):
            yield Notice(f"{show_count(count, 'prediction')} stored before: now with an expiry")

    def _execute(self, definition: Definition) -> Iterator[DeploymentPlan | Step]:
        plan = self._deployment.plan(definition)
        yield plan
        yield from self._deployment.execute(plan)
        if any(each.action == "Remove" and each.logical_id == API_LOG_ROLE for each in plan.changes):
            reset_log_role(self._target, api_log_role(self._target))


def _is_new(stack: Stack | None) -> bool:
    return stack is None or is_empty(stack)


def _adopted(imports: tuple[Import, ...]) -> Notice:
    names = [name for each in imports for name in each.identifier.values()]
    return Notice(f"existing resources, imported unchanged: {', '.join(names)}")


def _repaired(found: Damage) -> Notice:
    return Notice(f"missing: {', '.join(found.missing)}; created again, with everything that depends on it")

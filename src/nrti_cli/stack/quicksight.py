"""The optional QuickSight dashboard, a stack of its own."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from nrti_cli.assets import asset
from nrti_cli.aws.cloudformation.change_sets import Definition
from nrti_cli.aws.cloudformation.stacks import CloudFormation
from nrti_cli.errors import UsageError
from nrti_cli.stack.artifacts import ArtifactsBucket
from nrti_cli.stack.deploy import Deployment, DeploymentPlan
from nrti_cli.stack.outputs import Outputs, outputs
from nrti_cli.stack.template import Template, compact, parse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nrti_cli.aws.target import Target
    from nrti_cli.stack.operation import Step
    from nrti_cli.stack.poll_interval import PollInterval

ImportMode = Literal["DIRECT_QUERY", "SPICE"]


def dashboard_target(target: Target) -> Target:
    """The target of the dashboard's stack, `<stack>-quicksight`."""
    return target.beside(f"{target.stack}-quicksight")


def check_user(target: Target, user_arn: str | None) -> None:
    """Checks the owner of a dashboard before anything is deployed.

    Args:
        target: of the pipeline.
        user_arn: the QuickSight user or group that will own the dashboard; None keeps the owner.

    Raises:
        UsageError: the target has no QuickSight, the ARN is not that of a user or group, or a new dashboard
            has no owner.
    """
    if target.name == "local":
        raise UsageError("the embedded AWS has no QuickSight", hint="deploy with --target aws")
    if user_arn:
        _check_arn(user_arn)
    elif not CloudFormation(target).stack(dashboard_target(target).stack):
        raise UsageError(f"stack {target.stack!r} has no dashboard yet", hint="add --quicksight-user ARN")


def _check_arn(user_arn: str) -> None:
    # CloudFormation would only report that the value does not match.
    if not re.fullmatch(_template()["Parameters"]["QuickSightUserArn"]["AllowedPattern"], user_arn):
        raise UsageError(
            f"{user_arn!r} is not the ARN of a QuickSight user or group",
            hint="list the users with aws quicksight list-users --namespace default --aws-account-id …",
        )


def check_region(target: Target) -> None:
    """Checks that the region has what the dashboard consists of, before anything is deployed.

    Raises:
        UsageError: CloudFormation has no such resources there.
    """
    cloudformation = CloudFormation(target)
    types = sorted({each["Type"] for each in _template()["Resources"].values()})
    missing = [each for each in types if "::QuickSight::" in each and not cloudformation.has_type(each)]
    if missing:
        raise UsageError(
            f"CloudFormation has no {' or '.join(missing)} in {target.region_name}",
            hint="deploy without --quicksight-user, and use nrti dashboard",
        )


def dashboard_definition(
    target: Target, pipeline: Outputs, user_arn: str | None, import_mode: ImportMode | None
) -> Definition:
    """The desired state of the dashboard's stack.

    Args:
        target: of the pipeline.
        pipeline: the outputs of the pipeline's stack.
        user_arn: the owner of the dashboard; None keeps it.
        import_mode: None keeps it, initially DIRECT_QUERY.
    """
    parameters = {
        "PipelineStack": target.stack,
        "Database": pipeline.database,
        "Workgroup": pipeline.workgroup,
        "LakeBucket": pipeline.lake_bucket,
    }
    if user_arn:
        parameters["QuickSightUserArn"] = user_arn
    if import_mode:
        parameters["ImportMode"] = import_mode
    return Definition(compact(_template()), parameters, {"nrti:stack": target.stack})


def _template() -> Template:
    return parse(asset("cloudformation/quicksight.yaml").read_text(encoding="utf-8"))


class Dashboard:
    """Deploys the dashboard's stack, after the pipeline's."""

    def __init__(
        self, target: Target, user_arn: str | None, import_mode: ImportMode | None, poll: PollInterval
    ) -> None:
        self._target = target
        self._user_arn = user_arn
        self._import_mode = import_mode
        self._deployment = Deployment(dashboard_target(target), poll, ArtifactsBucket(target))

    def run(self) -> Iterator[DeploymentPlan | Step]:
        """Yields the plan, then its steps.

        Raises:
            NrtiError: a resource failed; the message names it and the reason.
        """
        yield from self._deployment.settle()
        plan = self._plan()
        yield plan
        yield from self._deployment.execute(plan)

    def preview(self) -> Iterator[DeploymentPlan]:
        """Yields the plan, without changing anything."""
        plan = self._plan()
        self._deployment.discard(plan)
        yield plan

    def _plan(self) -> DeploymentPlan:
        found = outputs(self._target)
        return self._deployment.plan(
            dashboard_definition(self._target, found, self._user_arn, self._import_mode)
        )

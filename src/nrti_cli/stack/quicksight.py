"""The optional stack of the QuickSight dashboard, beside the pipeline's; `Deployment` deploys either."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from nrti_cli.assets import asset
from nrti_cli.aws.cloudformation import Definition
from nrti_cli.errors import UsageError
from nrti_cli.stack.template import parse

if TYPE_CHECKING:
    from nrti_cli.aws.target import Target
    from nrti_cli.stack.outputs import Outputs

ImportMode = Literal["DIRECT_QUERY", "SPICE"]


def dashboard_target(target: Target) -> Target:
    """The target whose stack is the dashboard's, `<stack>-quicksight`."""
    return replace(target, stack=f"{target.stack}-quicksight")


def dashboard_definition(
    target: Target, pipeline: Outputs, user_arn: str, import_mode: ImportMode | None
) -> Definition:
    """What the dashboard's stack shall be.

    Args:
        target: the pipeline's.
        pipeline: the outputs of the pipeline's stack.
        user_arn: the QuickSight user (or group) who shall own the dashboard.
        import_mode: None leaves it as it is, at first direct queries.

    Raises:
        UsageError: there is no QuickSight at the target, or the ARN is not one of its users.
    """
    if target.name == "local":
        raise UsageError("the embedded AWS has no QuickSight", hint="deploy with --target aws")
    template = asset("cloudformation/quicksight.yaml").read_text()
    # CloudFormation would say no more than that the value does not match.
    if not re.fullmatch(parse(template)["Parameters"]["QuickSightUserArn"]["AllowedPattern"], user_arn):
        raise UsageError(
            f"{user_arn!r} is no QuickSight user",
            hint="aws quicksight list-users --namespace default --aws-account-id … shows their ARNs",
        )
    parameters = {
        "PipelineStack": target.stack,
        "Database": pipeline.database,
        "Workgroup": pipeline.workgroup,
        "LakeBucket": pipeline.lake_bucket,
        "QuickSightUserArn": user_arn,
    }
    if import_mode:
        parameters["ImportMode"] = import_mode
    return Definition(template, parameters, {"nrti:stack": target.stack})

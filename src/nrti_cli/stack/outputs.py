"""The outputs of the deployed stack: names that all commands use."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from datetime import timedelta
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from nrti_cli.aws.target import Target
from nrti_cli.errors import NrtiError

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.client import CloudFormationClient
    from mypy_boto3_cloudformation.type_defs import StackTypeDef


@dataclass(frozen=True)
class Outputs:
    """The stack's outputs; the field `api_id` is the output `ApiId`, and so on."""

    api_id: str
    api_stage: str
    api_key_id: str
    state_machine_arn: str
    inference_function: str
    transform_function: str
    table: str
    table_stream_arn: str
    stream: str
    delivery_stream: str
    lake_bucket: str
    database: str
    workgroup: str
    dead_letter_queue_url: str
    sagemaker_role_arn: str

    @property
    def labels_state_machine_arn(self) -> str:
        """The workflow of labels, by its name: an earlier stack without it has no output for it either."""
        return f"{self.state_machine_arn.removesuffix('inference')}labels"

    def api_url(self, target: Target, route: str) -> str:
        """The URL of a route of the API, `events`, `predictions` or `labels`."""
        return f"{target.invoke_url(self.api_id, self.api_stage)}/{route}"


def output_key(field_name: str) -> str:
    """The name of an output in the template: `api_id` is `ApiId`."""
    return re.sub(r"(?:^|_)(\w)", lambda letter: letter.group(1).upper(), field_name)


def outputs(target: Target) -> Outputs:
    """Reads the outputs of the deployed stack.

    Raises:
        NrtiError: the stack does not exist, or is not nrti's.
    """
    stack = require_stack(target)
    found = {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}
    missing = [output_key(field.name) for field in fields(Outputs) if output_key(field.name) not in found]
    if missing:
        raise NrtiError(
            f"stack {target.stack!r} is {stack['StackStatus']} and lacks the output {missing[0]}",
            hint="run nrti bootstrap",
        )
    return Outputs(**{field.name: found[output_key(field.name)] for field in fields(Outputs)})


def retention(target: Target) -> timedelta | None:
    """How long predictions are kept; None if for ever.

    Raises:
        NrtiError: the stack does not exist.
    """
    parameters = {
        each["ParameterKey"]: each["ParameterValue"] for each in require_stack(target).get("Parameters", [])
    }
    days = int(parameters.get("RetentionDays", "0"))
    return timedelta(days=days) if days else None


def require_stack(target: Target) -> StackTypeDef:
    """Describes the deployed stack.

    Raises:
        NrtiError: the stack does not exist.
    """
    client: CloudFormationClient = target.client("cloudformation")
    try:
        return client.describe_stacks(StackName=target.stack)["Stacks"][0]
    except ClientError as error:
        if "does not exist" in str(error):
            raise NrtiError(
                f"stack {target.stack!r} does not exist ({target.place})",
                hint=f"name another with --stack, or run nrti bootstrap --stack {target.stack}",
            ) from error
        raise

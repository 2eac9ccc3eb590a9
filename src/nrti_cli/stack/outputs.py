"""What the deployed stack says about itself: the names that every command works with."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields

from botocore.exceptions import ClientError

from nrti_cli.aws.target import Target
from nrti_cli.errors import NrtiError


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

    def api_url(self, target: Target, route: str) -> str:
        """The address of a route of the API, `events` or `predictions`."""
        return f"{target.invoke_url(self.api_id, self.api_stage)}/{route}"


def output_key(field_name: str) -> str:
    """The template's name of an output: `api_id` is `ApiId`."""
    return re.sub(r"(?:^|_)(\w)", lambda letter: letter.group(1).upper(), field_name)


def outputs(target: Target) -> Outputs:
    """Reads the outputs of the deployed stack.

    Raises:
        NrtiError: there is no such stack, or it is not nrti's.
    """
    try:
        stack = target.client("cloudformation").describe_stacks(StackName=target.stack)["Stacks"][0]
    except ClientError as error:
        if "does not exist" in str(error):
            raise NrtiError(
                f"there is no stack {target.stack!r} ({target})", hint="run nrti bootstrap"
            ) from error
        raise
    found = {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}
    missing = [output_key(field.name) for field in fields(Outputs) if output_key(field.name) not in found]
    if missing:
        raise NrtiError(
            f"stack {target.stack!r} is {stack['StackStatus']} and lacks the output {missing[0]}",
            hint="run nrti bootstrap",
        )
    return Outputs(**{field.name: found[output_key(field.name)] for field in fields(Outputs)})

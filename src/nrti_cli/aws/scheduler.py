"""EventBridge Scheduler: invokes a function every minute."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from nrti_cli.aws.errors import code
from nrti_cli.errors import NrtiError

if TYPE_CHECKING:
    from nrti_cli.aws.target import Target


def schedule_every_minute(target: Target, group: str, name: str, *, function_arn: str, role_arn: str) -> None:
    """Creates a schedule that invokes a function every minute; one that exists is left as it is.

    Raises:
        NrtiError: the group does not exist.
    """
    client: Any = target.client("scheduler")
    try:
        client.create_schedule(
            GroupName=group,
            Name=name,
            ScheduleExpression="rate(1 minute)",
            FlexibleTimeWindow={"Mode": "OFF"},
            Target={
                "Arn": function_arn,
                "RoleArn": role_arn,
                # The next minute comes by itself.
                "RetryPolicy": {"MaximumRetryAttempts": 0, "MaximumEventAgeInSeconds": 60},
            },
        )
    except ClientError as error:
        if code(error) == "ResourceNotFoundException":
            raise NrtiError(f"schedule group {group!r} does not exist", hint="run nrti bootstrap") from error
        if code(error) != "ConflictException":
            raise


def unschedule(target: Target, group: str, name: str) -> None:
    """Deletes a schedule; one that does not exist is ignored."""
    client: Any = target.client("scheduler")
    try:
        client.delete_schedule(GroupName=group, Name=name)
    except ClientError as error:
        if code(error) != "ResourceNotFoundException":
            raise

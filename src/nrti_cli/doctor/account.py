"""Checks of the AWS account: credentials, region, serving image, permissions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nrti_cli.doctor.clients import client, session
from nrti_cli.doctor.finding import Check, Finding
from nrti_cli.doctor.permissions import permissions
from nrti_cli.models.image import image_uri

if TYPE_CHECKING:
    from nrti_cli.aws.target import Target

#: The services of the stack, by botocore's names.
_SERVICES = (
    "apigateway", "athena", "cloudformation", "cloudwatch", "dynamodb", "firehose", "glue", "kinesis",
    "lambda", "logs", "s3", "sagemaker", "sqs", "stepfunctions",
)  # fmt: skip


def checks(target: Target) -> list[Check]:
    """All checks of the account."""
    return [
        Check("credentials", lambda: credentials(target)),
        Check("region", lambda: region(target)),
        Check("image", lambda: image(target)),
        Check("permissions", lambda: permissions(target)),
    ]


def credentials(target: Target) -> Finding:
    """Checks that AWS accepts the credentials."""
    who = client(target, "sts").get_caller_identity()
    return Finding("credentials", "ok", f"{who['Arn']} of account {who['Account']}")


def region(target: Target) -> Finding:
    """Checks that the region has every service, as far as botocore knows."""
    known, name = session(target), target.region_name
    partitions = known.get_available_partitions()
    missing = [
        service
        for service in _SERVICES
        if not any(name in known.get_available_regions(service, partition) for partition in partitions)
    ]
    if missing:
        lacking = f"{name} lacks {', '.join(missing)}, as far as botocore knows"
        return Finding("region", "warn", lacking, "use another --region, or update botocore")
    return Finding("region", "ok", f"{name} has all services")


def image(target: Target) -> Finding:
    """Checks that AWS's scikit-learn image, for training and serving, is available in the region."""
    return Finding("image", "ok", image_uri(target))

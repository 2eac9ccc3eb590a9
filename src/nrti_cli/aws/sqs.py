"""SQS: how full a queue is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from nrti_cli.aws.errors import code

if TYPE_CHECKING:
    from mypy_boto3_sqs.client import SQSClient

    from nrti_cli.aws.target import Target

_MISSING = {"AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist"}


def depth(target: Target, queue_url: str) -> int | None:
    """How many messages wait in a queue or are being handled, about; None if there is no such queue."""
    client: SQSClient = target.client("sqs")
    try:
        answer = client.get_queue_attributes(
            QueueUrl=queue_url,
            AttributeNames=["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"],
        )
    except ClientError as error:
        if code(error) in _MISSING:
            return None
        raise
    return sum(int(count) for count in answer["Attributes"].values())

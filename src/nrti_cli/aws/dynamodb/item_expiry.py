"""DynamoDB: sets the expiry of items that were stored without one."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from nrti_cli.aws.errors import code

if TYPE_CHECKING:
    from datetime import timedelta

    from mypy_boto3_dynamodb.client import DynamoDBClient

    from nrti_cli.aws.target import Target

#: Updates at the same time, each over a connection of the client.
_WRITERS = 10


def expire_all(target: Target, table: str, kept: timedelta) -> int:
    """Lets the predictions without an expiry expire; reads the whole table, and can be repeated.

    Args:
        target: the AWS.
        table: its name.
        kept: how long after a prediction.

    Returns:
        The number of these predictions.
    """
    client: DynamoDBClient = target.client("dynamodb")
    pages = client.get_paginator("scan").paginate(
        TableName=table,
        FilterExpression="attribute_exists(predicted_at) AND attribute_not_exists(expires_at)",
        ProjectionExpression="sensor, event_key, predicted_at",
    )
    expire = partial(_expire, client, table, kept)
    with ThreadPoolExecutor(_WRITERS, thread_name_prefix="expire") as writers:
        return sum(sum(writers.map(expire, page["Items"])) for page in pages)


def _expire(client: DynamoDBClient, table: str, kept: timedelta, item: Any) -> bool:
    """Sets the expiry of an item, unless it is gone or was stored again."""
    at = int(item["predicted_at"]["N"]) // 1000 + round(kept.total_seconds())
    try:
        client.update_item(
            TableName=table,
            Key={name: item[name] for name in ("sensor", "event_key")},
            UpdateExpression="SET expires_at = :at",
            ConditionExpression="predicted_at = :predicted AND attribute_not_exists(expires_at)",
            ExpressionAttributeValues={":at": {"N": str(at)}, ":predicted": item["predicted_at"]},
        )
    except ClientError as error:
        if code(error) != "ConditionalCheckFailedException":
            raise
        return False
    return True

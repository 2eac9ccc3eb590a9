"""DynamoDB: tables as a whole."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from nrti_cli.aws.errors import code

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

    from nrti_cli.aws.target import Target


@dataclass(frozen=True)
class Table:
    """A table as DescribeTable tells it.

    Attributes:
        status: ACTIVE, UPDATING, ...
        items: how many there are; AWS counts them anew every six hours only.
    """

    status: str
    items: int


def table(target: Target, name: str) -> Table | None:
    """The state of a table, or None if there is no such table."""
    client: DynamoDBClient = target.client("dynamodb")
    try:
        found = client.describe_table(TableName=name)["Table"]
    except ClientError as error:
        if code(error) == "ResourceNotFoundException":
            return None
        raise
    return Table(found["TableStatus"], found["ItemCount"])


def delete_table(target: Target, name: str) -> None:
    """Begins to delete a table, if it still exists."""
    client: DynamoDBClient = target.client("dynamodb")
    try:
        client.delete_table(TableName=name)
    except ClientError as error:
        if code(error) != "ResourceNotFoundException":
            raise

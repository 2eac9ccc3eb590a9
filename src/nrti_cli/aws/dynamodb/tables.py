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
    """A table, from DescribeTable.

    Attributes:
        status: ACTIVE, UPDATING, ...
        items: number of items; AWS updates it only every six hours.
    """

    status: str
    items: int


def find_table(target: Target, name: str) -> Table | None:
    """A table, or None if it does not exist."""
    client: DynamoDBClient = target.client("dynamodb")
    try:
        found = client.describe_table(TableName=name)["Table"]
    except ClientError as error:
        if code(error) == "ResourceNotFoundException":
            return None
        raise
    return Table(found["TableStatus"], found["ItemCount"])


def delete_table(target: Target, name: str) -> None:
    """Starts the deletion of a table, if it exists."""
    client: DynamoDBClient = target.client("dynamodb")
    try:
        client.delete_table(TableName=name)
    except ClientError as error:
        if code(error) != "ResourceNotFoundException":
            raise


def disable_kinesis_destinations(target: Target, name: str) -> None:
    """Stops the table from sending its changes to Kinesis; one that does not send any stays as it is."""
    client: DynamoDBClient = target.client("dynamodb")
    found = client.describe_kinesis_streaming_destination(TableName=name)
    for each in found["KinesisDataStreamDestinations"]:
        if each["DestinationStatus"] == "ACTIVE":
            client.disable_kinesis_streaming_destination(TableName=name, StreamArn=each["StreamArn"])

"""GetRecords of DynamoDB Streams, read as plain JSON.

botocore's parser checks every attribute of every record against the API's model, which takes four times as
long as parsing the JSON. Attribute values are the same in both forms, except binary ones, which stay base64.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import MutableMapping

    from mypy_boto3_dynamodbstreams.client import DynamoDBStreamsClient


def read_as_json(client: DynamoDBStreamsClient) -> None:
    """Makes a client read the answers to its GetRecords so; errors are still botocore's."""
    client.meta.events.register("before-parse.dynamodb-streams.GetRecords", _read)


def _read(
    response_dict: MutableMapping[str, Any], customized_response_dict: dict[str, Any], **_: object
) -> None:
    if response_dict["status_code"] != 200:
        return
    answer = json.loads(response_dict["body"])
    for record in answer.get("Records", ()):
        change = record["dynamodb"]
        created = change["ApproximateCreationDateTime"]
        change["ApproximateCreationDateTime"] = datetime.fromtimestamp(created, UTC)
    customized_response_dict.update(answer)
    response_dict["body"] = b"{}"

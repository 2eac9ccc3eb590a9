"""Lambda: invokes a function."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from nrti_cli.aws.errors import code
from nrti_cli.errors import NrtiError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mypy_boto3_lambda.client import LambdaClient

    from nrti_cli.aws.target import Target


class FunctionError(Exception):
    """The function failed; the text is the error's type and message."""


def call(target: Target, function: str, payload: Mapping[str, Any]) -> Any:
    """Invokes a function; returns its result.

    Raises:
        FunctionError: it raised an exception or timed out.
        NrtiError: it does not exist.
    """
    client: LambdaClient = target.client("lambda")
    try:
        answer = client.invoke(FunctionName=function, Payload=json.dumps(payload).encode())
    except ClientError as error:
        if code(error) == "ResourceNotFoundException":
            raise NrtiError(f"function {function!r} does not exist", hint="run nrti bootstrap") from error
        raise
    returned = json.loads(answer["Payload"].read())
    if "FunctionError" in answer:
        parts = (returned.get("errorType"), returned.get("errorMessage"))
        raise FunctionError(": ".join(part for part in parts if part))
    return returned

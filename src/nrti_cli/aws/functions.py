"""Lambda: calling a function and waiting for what it returns."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mypy_boto3_lambda.client import LambdaClient

    from nrti_cli.aws.target import Target


class FunctionError(Exception):
    """The function raised something; the text is its error's name and message."""


def call(target: Target, function: str, payload: Mapping[str, Any]) -> Any:
    """What a function returns.

    Raises:
        FunctionError: it raised something, or took too long.
    """
    client: LambdaClient = target.client("lambda")
    answer = client.invoke(FunctionName=function, Payload=json.dumps(payload).encode())
    returned = json.loads(answer["Payload"].read())
    if "FunctionError" in answer:
        parts = (returned.get("errorType"), returned.get("errorMessage"))
        raise FunctionError(": ".join(part for part in parts if part))
    return returned

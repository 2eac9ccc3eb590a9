"""Lambda: invokes a function."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

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
    """
    client: LambdaClient = target.client("lambda")
    answer = client.invoke(FunctionName=function, Payload=json.dumps(payload).encode())
    returned = json.loads(answer["Payload"].read())
    if "FunctionError" in answer:
        parts = (returned.get("errorType"), returned.get("errorMessage"))
        raise FunctionError(": ".join(part for part in parts if part))
    return returned

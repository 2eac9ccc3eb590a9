"""SageMaker runtime: invokes an endpoint."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError, ReadTimeoutError

from nrti_cli.aws.errors import code, is_throttled, message

if TYPE_CHECKING:
    from mypy_boto3_sagemaker_runtime.client import SageMakerRuntimeClient

    from nrti_cli.aws.target import Target

_LATER = frozenset({"ModelNotReadyException", "ServiceUnavailable", "InternalFailure"})
_MODEL = frozenset({"ModelError", "ValidationError", "ValidationException", "InternalDependencyException"})


class InvocationError(Exception):
    """The invocation failed; the text is the reason.

    Args:
        reason: the endpoint's message, without a full stop at the end.
        passing: whether a retry may help.
    """

    def __init__(self, reason: str, *, passing: bool) -> None:
        super().__init__(reason.rstrip("."))
        self.passing = passing


def invoke(target: Target, endpoint: str, rows: Sequence[Sequence[float]]) -> bytes:
    """Invokes an endpoint with sequences; returns the response.

    Raises:
        InvocationError: the model failed or timed out, or the endpoint is busy. Other errors, such as a
            missing permission, are raised as the SDK's exceptions.
    """
    client: SageMakerRuntimeClient = target.client("sagemaker-runtime")
    body = json.dumps({"instances": rows})
    try:
        answer = client.invoke_endpoint(
            EndpointName=endpoint, ContentType="application/json", Accept="application/json", Body=body
        )
        return answer["Body"].read()
    except ReadTimeoutError as error:
        raise InvocationError("the invocation timed out", passing=False) from error
    except ClientError as error:
        passing = code(error) in _LATER or is_throttled(error)
        if not passing and code(error) not in _MODEL:
            raise
        raise InvocationError(_reason(error), passing=passing) from error


def _reason(error: ClientError) -> str:
    """The model's message. A ModelError's own is mostly the address of a log, and the model's may be HTML."""
    response: Mapping[str, Any] = error.response
    if "OriginalStatusCode" not in response:
        return message(error)
    text = str(response.get("OriginalMessage", "")).strip()
    detail = f": {text}" if text and not text.startswith("<") else ""
    return f"its model responds with status {response['OriginalStatusCode']}{detail}"

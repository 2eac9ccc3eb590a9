"""SageMaker's runtime: asking an endpoint."""

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
    """The endpoint did not answer; the text is its reason.

    Args:
        reason: what the endpoint says, without a closing full stop.
        passing: whether asking later may help.
    """

    def __init__(self, reason: str, *, passing: bool) -> None:
        super().__init__(reason.rstrip("."))
        self.passing = passing


def invoke(target: Target, endpoint: str, rows: Sequence[Sequence[float]]) -> bytes:
    """What an endpoint answers to sequences.

    Raises:
        InvocationError: its model failed, was too slow, or the endpoint is busy. What is not the endpoint's
            fault, such as a missing permission, is raised as the SDK says it.
    """
    client: SageMakerRuntimeClient = target.client("sagemaker-runtime")
    body = json.dumps({"instances": rows})
    try:
        answer = client.invoke_endpoint(
            EndpointName=endpoint, ContentType="application/json", Accept="application/json", Body=body
        )
        return answer["Body"].read()
    except ReadTimeoutError as error:
        raise InvocationError("no answer came in time", passing=False) from error
    except ClientError as error:
        passing = code(error) in _LATER or is_throttled(error)
        if not passing and code(error) not in _MODEL:
            raise
        raise InvocationError(_reason(error), passing=passing) from error


def _reason(error: ClientError) -> str:
    """A ModelError's own text is mostly the address of a log, and its model's may be a page of HTML."""
    response: Mapping[str, Any] = error.response
    if "OriginalStatusCode" not in response:
        return message(error)
    said = str(response.get("OriginalMessage", "")).strip()
    detail = f": {said}" if said and not said.startswith("<") else ""
    return f"its model answers with status {response['OriginalStatusCode']}{detail}"

"""Step Functions: runs an express workflow synchronously."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from nrti_cli.aws.errors import code, message

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions.client import SFNClient

    from nrti_cli.aws.target import Target

#: Errors about the input itself: it is not valid JSON, or longer than 262,144 bytes.
_REFUSED = {"InvalidExecutionInput", "ValidationException"}


@dataclass(frozen=True)
class Execution:
    """The result of an execution.

    Attributes:
        output: of the workflow; None if it failed.
        error: an error name such as `States.Timeout`; empty if it succeeded.
        cause: the error message.
        refused: whether it was not started because Step Functions rejects the input.
    """

    output: Any = None
    error: str = ""
    cause: str = ""
    refused: bool = False


class Workflow:
    """Runs a state machine and waits for each execution.

    Args:
        target: the AWS.
        arn: of the state machine.
    """

    def __init__(self, target: Target, arn: str) -> None:
        self._client: SFNClient = target.client("stepfunctions")
        self._arn = arn

    def run(self, given: Mapping[str, Any]) -> Execution:
        """Runs the workflow with an input."""
        try:
            answer = self._client.start_sync_execution(stateMachineArn=self._arn, input=json.dumps(given))
        except ClientError as error:
            if code(error) in _REFUSED:
                return Execution(error=code(error), cause=message(error), refused=True)
            raise
        if answer["status"] == "SUCCEEDED":
            return Execution(output=json.loads(answer["output"]))
        return Execution(error=answer.get("error", answer["status"]), cause=answer.get("cause", ""))

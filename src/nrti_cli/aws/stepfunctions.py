"""Step Functions: an execution of an express workflow, from its input to its output."""

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

#: The input itself is at fault: it is no JSON to Step Functions, or longer than 262,144 bytes.
_REFUSED = {"InvalidExecutionInput", "ValidationException"}


@dataclass(frozen=True)
class Execution:
    """What became of an execution.

    Attributes:
        output: what the workflow answered; None if it did not succeed.
        error: a code, such as `States.Timeout`; empty if it succeeded.
        cause: in words.
        refused: whether it was never begun, since Step Functions does not take the input.
    """

    output: Any = None
    error: str = ""
    cause: str = ""
    refused: bool = False


class Workflow:
    """Executes one state machine and waits for each execution.

    Args:
        target: where Step Functions is.
        arn: the state machine's.
    """

    def __init__(self, target: Target, arn: str) -> None:
        self._client: SFNClient = target.client("stepfunctions")
        self._arn = arn

    def run(self, given: Mapping[str, Any]) -> Execution:
        """Runs the workflow with this input."""
        try:
            answer = self._client.start_sync_execution(stateMachineArn=self._arn, input=json.dumps(given))
        except ClientError as error:
            if code(error) in _REFUSED:
                return Execution(error=code(error), cause=message(error), refused=True)
            raise
        if answer["status"] == "SUCCEEDED":
            return Execution(output=json.loads(answer["output"]))
        return Execution(error=answer.get("error", answer["status"]), cause=answer.get("cause", ""))

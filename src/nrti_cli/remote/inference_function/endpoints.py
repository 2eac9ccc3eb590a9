"""Asks the models' endpoints, and tells what may pass by waiting from what will not."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from .direct import Direct

if TYPE_CHECKING:
    from mypy_boto3_sagemaker_runtime.client import SageMakerRuntimeClient

_BUSY = frozenset({"ModelNotReadyException", "Throttling", "ThrottlingException", "TooManyRequestsException"})
_UNKNOWN = frozenset({"ValidationError", "ValidationException"})


class EndpointBusy(Exception):  # noqa: N818 (the state machine knows it by this name)
    """The endpoint takes no more requests just now, or its model is still being loaded."""


class EndpointUnavailable(Exception):  # noqa: N818
    """The endpoint cannot be reached, or fails."""


class _ModelFailed(Exception):  # noqa: N818
    """The model's own code failed; one event of the batch may be the reason for all."""

    def __init__(self, cause: str, status: int) -> None:
        super().__init__(cause)
        self.transient = status >= 500


class _Refused(Exception):  # noqa: N818
    """The endpoint will not answer this, however often it is asked."""

    def __init__(self, error: str, cause: str, status: int = 503) -> None:
        super().__init__(cause)
        self.error = error
        self.status = status


@dataclass(frozen=True)
class Rejection:
    """Why an event is not stored.

    Attributes:
        error: a code.
        cause: a sentence.
        status: of HTTP, for a sender who waits: 422 for a wrong event, 429 for one too many, else 503.
    """

    error: str
    cause: str
    status: int = 503


@dataclass(frozen=True)
class Judgement:
    """What a model says about one event; `probability` is that of a failure, 0 to 1."""

    endpoint: str
    prediction: int
    probability: float


Answer = Judgement | Rejection
Rows = Sequence[list[float]]


@dataclass(frozen=True)
class Models:
    """The published models of a stack.

    Attributes:
        runtime: a client of SageMaker's runtime.
        stack: the endpoint of a model is `<stack>-<model>`.
        direct: a shorter way for what goes well; None has the client ask always.
    """

    runtime: SageMakerRuntimeClient
    stack: str
    direct: Direct | None = None

    def endpoint(self, model: str) -> str:
        """The name of the model's endpoint."""
        return f"{self.stack}-{model}"

    def judge(self, model: str, rows: Rows, *, lenient: bool) -> list[Answer]:
        """What the model says about each row, in order.

        Raises:
            EndpointBusy: asking later may help; not raised if lenient.
            EndpointUnavailable: the same.
        """
        try:
            return self._ask(self.endpoint(model), rows)
        except _Refused as refusal:
            return [Rejection(refusal.error, str(refusal), refusal.status)] * len(rows)
        except _ModelFailed as failure:
            if failure.transient and not lenient:
                raise EndpointUnavailable(str(failure)) from failure
            if len(rows) > 1:
                return [answer for row in rows for answer in self.judge(model, [row], lenient=lenient)]
            return [Rejection("ModelError", str(failure), 503 if failure.transient else 422)]
        except (EndpointBusy, EndpointUnavailable) as failure:
            if not lenient:
                raise
            status = 429 if isinstance(failure, EndpointBusy) else 503
            return [Rejection(type(failure).__name__, str(failure), status)] * len(rows)

    def _ask(self, endpoint: str, rows: Rows) -> list[Answer]:
        question = json.dumps({"instances": rows})
        body = self.direct.ask(endpoint, question.encode()) if self.direct else None
        return _answers(
            endpoint, self._ask_by_client(endpoint, question) if body is None else body, len(rows)
        )

    def _ask_by_client(self, endpoint: str, question: str) -> bytes:
        try:
            response = self.runtime.invoke_endpoint(
                EndpointName=endpoint,
                ContentType="application/json",
                Accept="application/json",
                Body=question,
            )
            return response["Body"].read()
        except ClientError as error:
            raise _explain(endpoint, error) from error
        except BotoCoreError as error:
            raise EndpointUnavailable(f"endpoint {endpoint}: {error}") from error


def _explain(endpoint: str, error: ClientError) -> Exception:
    response: Mapping[str, Any] = error.response
    code, message = response["Error"].get("Code", ""), response["Error"].get("Message", "")
    status = response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    cause = f"endpoint {endpoint}: {message or code}"
    if code == "ModelError":
        answered = f"endpoint {endpoint}: {response.get('OriginalMessage') or message}"
        return _ModelFailed(answered, int(response.get("OriginalStatusCode", 500)))
    if code in _BUSY or status == 429:
        return EndpointBusy(cause)
    if status >= 500:
        return EndpointUnavailable(cause)
    if code in _UNKNOWN and "not found" in message:
        return _Refused("UnknownModel", f"endpoint {endpoint} does not exist", 422)
    return _Refused(code, cause)


def _answers(endpoint: str, body: bytes, expected: int) -> list[Answer]:
    try:
        answers = [_answer(endpoint, prediction) for prediction in json.loads(body)["predictions"]]
    except (ValueError, KeyError, TypeError) as error:
        raise _Refused("BadAnswer", f"endpoint {endpoint} does not answer as a model of nrti does") from error
    if len(answers) != expected:
        raise _Refused("BadAnswer", f"endpoint {endpoint} answered {len(answers)} of {expected} rows")
    return answers


def _answer(endpoint: str, prediction: Mapping[str, Any]) -> Answer:
    if "error" in prediction:
        return Rejection("InvalidData", str(prediction["error"]), 422)
    judgement = Judgement(endpoint, int(prediction["prediction"]), float(prediction["probability"]))
    if judgement.prediction not in {0, 1} or not 0 <= judgement.probability <= 1:
        raise ValueError(prediction)
    return judgement

"""Invokes the models' endpoints, and distinguishes temporary from permanent failures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from .answer_rows import Unreadable
from .answers import Refused, Unread, Verdict, read_answer
from .direct import Direct, Response
from .signature import Row, Signature
from .variants import SignatureMissing, Variants, Version

if TYPE_CHECKING:
    from mypy_boto3_sagemaker_runtime.client import SageMakerRuntimeClient

_BUSY = frozenset({"ModelNotReadyException", "Throttling", "ThrottlingException", "TooManyRequestsException"})
_UNKNOWN = frozenset({"ValidationError", "ValidationException"})
#: Attempts with other request formats while an endpoint is being updated.
_MOST_FORMS = 3


class EndpointBusy(Exception):  # noqa: N818 (the state machine knows it by this name)
    """The endpoint has no free capacity, or its model is still being loaded."""


class EndpointUnavailable(Exception):  # noqa: N818
    """The endpoint cannot be reached, or fails."""


class ModelFailed(Exception):  # noqa: N818
    """The model's own code failed; a single event may be the cause for the whole batch."""

    def __init__(self, cause: str, status: int) -> None:
        super().__init__(cause)
        self.status = status
        self.transient = status >= 500


class Refusal(Exception):  # noqa: N818
    """The endpoint will never accept this request."""

    def __init__(self, error: str, cause: str, status: int = 503) -> None:
        super().__init__(cause)
        self.error = error
        self.status = status


@dataclass(frozen=True)
class Rejection:
    """Why an event is not stored.

    Attributes:
        error: a code.
        cause: a message.
        status: of HTTP, for a waiting sender: 422 for a wrong event, 429 for too many requests, else 503.
    """

    error: str
    cause: str
    status: int = 503


@dataclass(frozen=True)
class Judgement:
    """The prediction of a model version for an event.

    Attributes:
        endpoint: the endpoint.
        version: of the model; see `Version.name`.
        verdict: the prediction.
        predicted_at: in epoch milliseconds, if it was made by an earlier request.
    """

    endpoint: str
    version: str
    verdict: Verdict
    predicted_at: int | None = None


Answer = Judgement | Rejection
Rows = Sequence[Row]


@dataclass(frozen=True)
class Models:
    """The published models of a stack.

    Attributes:
        runtime: a client of SageMaker's runtime.
        stack: the endpoint of a model is `<stack>-<model>`.
        variants: the versions that the endpoints serve.
        direct: the fast path for successful invocations; None always uses the client.
    """

    runtime: SageMakerRuntimeClient
    stack: str
    variants: Variants
    direct: Direct | None = None

    def endpoint(self, model: str) -> str:
        """The name of the model's endpoint."""
        return f"{self.stack}-{model}"

    def judge(self, model: str, rows: Rows, *, lenient: bool) -> list[Answer]:
        """The model's prediction for each row, in order.

        Raises:
            EndpointBusy: a later attempt may succeed; not raised if lenient.
            EndpointUnavailable: likewise.
        """
        try:
            return self._ask(self.endpoint(model), rows)
        except Refusal as refusal:
            return [Rejection(refusal.error, str(refusal), refusal.status)] * len(rows)
        except (ModelFailed, Unreadable) as failure:
            transient = isinstance(failure, ModelFailed) and failure.transient
            if transient and not lenient:
                raise EndpointUnavailable(str(failure)) from failure
            if len(rows) > 1:  # one row may be the cause for all
                return [answer for row in rows for answer in self.judge(model, [row], lenient=lenient)]
            error = "ModelError" if isinstance(failure, ModelFailed) else "BadAnswer"
            return [Rejection(error, str(failure), 422 if error == "ModelError" and not transient else 503)]
        except (EndpointBusy, EndpointUnavailable) as failure:
            if not lenient:
                raise
            status = 429 if isinstance(failure, EndpointBusy) else 503
            return [Rejection(type(failure).__name__, str(failure), status)] * len(rows)

    def _ask(self, endpoint: str, rows: Rows) -> list[Answer]:
        """Invokes the endpoint in the format of the version that responds, which an update may change."""
        failures: list[tuple[Signature, ModelFailed]] = []
        try:
            form = self.variants.assumed(endpoint).signature
            for _ in range(_MOST_FORMS):
                try:
                    response = self.invoke(endpoint, form, rows)
                except ModelFailed as failure:
                    failures.append((form, failure))
                    form = self._other_form(endpoint, failures)
                    continue
                served = self.variants.served(endpoint, response.variant, asked=form)
                if served.signature.asks_like(form):
                    return _answers(endpoint, served, response, len(rows))
                form = served.signature
        except SignatureMissing as missing:
            raise EndpointUnavailable(f"endpoint {endpoint}: {missing}") from missing
        raise EndpointUnavailable(f"endpoint {endpoint} is changing to another version of its model")

    def _other_form(self, endpoint: str, failures: Sequence[tuple[Signature, ModelFailed]]) -> Signature:
        """The next format to try, if the failures may be caused by the formats that were used.

        Raises:
            ModelFailed: they are not.
            EndpointUnavailable: the next version, which is not known yet, may have failed.
        """
        (form, last), (_, first) = failures[-1], failures[0]
        now = self.variants.look_up(endpoint)
        if now and not any(now.signature.asks_like(tried) for tried, _ in failures):
            return now.signature
        if now and now.updating:
            raise EndpointUnavailable(str(first))
        other = self.variants.other_form(endpoint, form, last.status)
        if other and len(failures) < _MOST_FORMS:
            return other
        raise first

    def invoke(self, endpoint: str, signature: Signature, rows: Rows) -> Response:
        """The endpoint's response to rows, not yet read.

        Raises:
            EndpointBusy: a later attempt may succeed.
            EndpointUnavailable: likewise.
            ModelFailed: the model's own code failed.
            Refusal: the endpoint does not exist, or must not be invoked.
        """
        question = signature.request(rows)
        response = None
        if self.direct:
            response = self.direct.ask(endpoint, question, signature.content_type, signature.accept)
        return response or self._invoke_by_client(endpoint, signature, question)

    def _invoke_by_client(self, endpoint: str, signature: Signature, question: bytes) -> Response:
        try:
            response = self.runtime.invoke_endpoint(
                EndpointName=endpoint,
                ContentType=signature.content_type,
                Accept=signature.accept,
                Body=question,
            )
            content_type, variant = response["ContentType"], response.get("InvokedProductionVariant", "")
            return Response(response["Body"].read(), content_type, variant)
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
        status, detail = (
            int(response.get("OriginalStatusCode", 500)),
            response.get("OriginalMessage") or message,
        )
        if detail.lstrip().startswith("<"):  # a web framework's error page
            detail = f"its model responds with status {status}"
        return ModelFailed(f"endpoint {endpoint}: {detail}", status)
    if code in _BUSY or status == 429:
        return EndpointBusy(cause)
    if status >= 500:
        return EndpointUnavailable(cause)
    if code in _UNKNOWN and "not found" in message:
        return Refusal("UnknownModel", f"endpoint {endpoint} does not exist", 422)
    return Refusal(code, cause)


def _answers(endpoint: str, served: Version, response: Response, expected: int) -> list[Answer]:
    """The judgements, or why a row has none.

    Raises:
        Unreadable: the response does not have an entry for each row.
    """
    try:
        rows = read_answer(served.signature, response.content_type, response.body, expected)
    except Unreadable as error:
        raise Unreadable(f"endpoint {endpoint}: {error}") from error
    return [_answer(endpoint, served.name, row) for row in rows]


def _answer(endpoint: str, version: str, row: Verdict | Refused | Unread) -> Answer:
    if isinstance(row, Verdict):
        return Judgement(endpoint, version, row)
    if isinstance(row, Refused):
        return Rejection("InvalidData", row.reason, 422)
    return Rejection("BadAnswer", f"endpoint {endpoint}: {row.reason}")

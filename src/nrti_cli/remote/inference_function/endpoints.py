"""Asks the models' endpoints, and tells what may pass by waiting from what will not."""

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
#: So many forms of a request are tried while an endpoint is on its way from one version to the next.
_MOST_FORMS = 3


class EndpointBusy(Exception):  # noqa: N818 (the state machine knows it by this name)
    """The endpoint takes no more requests just now, or its model is still being loaded."""


class EndpointUnavailable(Exception):  # noqa: N818
    """The endpoint cannot be reached, or fails."""


class ModelFailed(Exception):  # noqa: N818
    """The model's own code failed; one event of the batch may be the reason for all."""

    def __init__(self, cause: str, status: int) -> None:
        super().__init__(cause)
        self.status = status
        self.transient = status >= 500


class Refusal(Exception):  # noqa: N818
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
    """What a version of a model says about one event.

    Attributes:
        endpoint: which was asked.
        version: of the model, as `Version.name` has it.
        verdict: what it said.
        predicted_at: when, in epoch milliseconds, if that was before this request.
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
        variants: what the endpoints serve.
        direct: a shorter way for what goes well; None has the client ask always.
    """

    runtime: SageMakerRuntimeClient
    stack: str
    variants: Variants
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
        except Refusal as refusal:
            return [Rejection(refusal.error, str(refusal), refusal.status)] * len(rows)
        except (ModelFailed, Unreadable) as failure:
            transient = isinstance(failure, ModelFailed) and failure.transient
            if transient and not lenient:
                raise EndpointUnavailable(str(failure)) from failure
            if len(rows) > 1:  # one row may be the reason for all
                return [answer for row in rows for answer in self.judge(model, [row], lenient=lenient)]
            error = "ModelError" if isinstance(failure, ModelFailed) else "BadAnswer"
            return [Rejection(error, str(failure), 422 if error == "ModelError" and not transient else 503)]
        except (EndpointBusy, EndpointUnavailable) as failure:
            if not lenient:
                raise
            status = 429 if isinstance(failure, EndpointBusy) else 503
            return [Rejection(type(failure).__name__, str(failure), status)] * len(rows)

    def _ask(self, endpoint: str, rows: Rows) -> list[Answer]:
        """Asks in the form of the version that answers: while an endpoint is updated it may be another."""
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
        """The form in which to ask instead, if failures may be due to those in which was asked.

        Raises:
            ModelFailed: they are not.
            EndpointUnavailable: the next version may be the one that failed, and is not known yet.
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
        """What an endpoint answers to rows, unread.

        Raises:
            EndpointBusy: asking later may help.
            EndpointUnavailable: the same.
            ModelFailed: the model's own code failed.
            Refusal: there is no such endpoint, or it may not be asked.
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
        status, said = (
            int(response.get("OriginalStatusCode", 500)),
            response.get("OriginalMessage") or message,
        )
        if said.lstrip().startswith("<"):  # a web framework's page
            said = f"its model answers with status {status}"
        return ModelFailed(f"endpoint {endpoint}: {said}", status)
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
        Unreadable: the answer has not got an entry for each row.
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

"""SQS: the depth of a queue, and its messages."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import wraps
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, ParamSpec, TypeVar

from botocore.exceptions import ClientError

from nrti_cli.aws.errors import code, message
from nrti_cli.errors import NrtiError

if TYPE_CHECKING:
    from mypy_boto3_sqs.client import SQSClient
    from mypy_boto3_sqs.type_defs import MessageTypeDef

    from nrti_cli.aws.target import Target

P = ParamSpec("P")
T = TypeVar("T")
#: The content or the size of a message is not one for SQS.
_UNACCEPTABLE = {"InvalidMessageContents", "InvalidParameterValue"}
_MISSING = {"AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist"}
#: The quota of messages in flight (120,000 on AWS) is exhausted.
_TOO_MANY = {"AWS.SimpleQueueService.OverLimit", "OverLimit"}
_VISIBLE: Final = "ApproximateNumberOfMessages"
_HELD: Final = "ApproximateNumberOfMessagesNotVisible"
#: Maximum messages of one call.
_AT_ONCE = 10
#: Seconds to wait for a message. Without a wait, SQS samples only some of its servers.
_WAIT = 1


@dataclass(frozen=True)
class Depth:
    """The number of messages in a queue; SQS counts approximately.

    Attributes:
        visible: can be received.
        held: were received by a consumer, which has neither deleted nor released them.
    """

    visible: int
    held: int

    @property
    def total(self) -> int:
        """All messages."""
        return self.visible + self.held


def depth(target: Target, queue_url: str) -> Depth | None:
    """The number of messages; None if the queue does not exist."""
    try:
        return _depth(target.client("sqs"), queue_url)
    except ClientError as error:
        if code(error) in _MISSING:
            return None
        raise


def _depth(client: SQSClient, queue_url: str) -> Depth:
    answer = client.get_queue_attributes(QueueUrl=queue_url, AttributeNames=[_VISIBLE, _HELD])
    return Depth(int(answer["Attributes"][_VISIBLE]), int(answer["Attributes"][_HELD]))


@dataclass(frozen=True)
class Message:
    """A received message.

    Attributes:
        id: SQS's message id; it stays the same each time the message is received.
        handle: the receipt handle, to delete or release the message; only the latest one is valid.
        sent_at: when it was sent, by SQS's clock.
        attributes: the sender's attributes of type String.
    """

    id: str
    handle: str
    body: str
    sent_at: datetime
    attributes: Mapping[str, str]


class UnacceptableMessageError(NrtiError):
    """SQS will never take this message."""


def _of_existing(method: Callable[P, T]) -> Callable[P, T]:
    """Gives a method of a queue the error of one that does not exist."""

    @wraps(method)
    def checked(*arguments: P.args, **options: P.kwargs) -> T:
        try:
            return method(*arguments, **options)
        except ClientError as error:
            if code(error) in _MISSING:
                raise NrtiError("the dead-letter queue does not exist", hint="run nrti bootstrap") from error
            raise

    return checked


class Queue:
    """The messages of a queue.

    Raises:
        NrtiError: from every method, if the queue does not exist.
    """

    def __init__(self, target: Target, url: str) -> None:
        self._client: SQSClient = target.client("sqs")
        self._url = url
        # An emulator keeps a queue in one place.
        self._wait = 0 if target.endpoint_url else _WAIT

    @_of_existing
    def depth(self) -> Depth:
        """The number of messages."""
        return _depth(self._client, self._url)

    @_of_existing
    def receive(self, hide_for: int) -> list[Message]:
        """Receives up to ten messages and hides them for some seconds; none if none is visible."""
        try:
            answer = self._client.receive_message(
                QueueUrl=self._url,
                MaxNumberOfMessages=_AT_ONCE,
                VisibilityTimeout=hide_for,
                WaitTimeSeconds=self._wait if hide_for else 0,
                MessageSystemAttributeNames=["SentTimestamp"],
                MessageAttributeNames=["All"],
            )
        except ClientError as error:
            if code(error) in _TOO_MANY:
                return []
            raise
        return [_message(found) for found in answer.get("Messages", [])]

    def peek(self) -> list[Message]:
        """Receives up to ten messages, which stay visible; SQS chooses them."""
        return self.receive(hide_for=0)

    @_of_existing
    def delete(self, handles: Sequence[str]) -> None:
        """Deletes messages; a message whose handle has expired stays and is received again."""
        for some in tens(handles):
            self._client.delete_message_batch(
                QueueUrl=self._url,
                Entries=[{"Id": str(index), "ReceiptHandle": handle} for index, handle in enumerate(some)],
            )

    @_of_existing
    def release(self, handles: Sequence[str]) -> None:
        """Makes messages visible at once."""
        for some in tens(handles):
            self._client.change_message_visibility_batch(
                QueueUrl=self._url,
                Entries=[
                    {"Id": str(index), "ReceiptHandle": handle, "VisibilityTimeout": 0}
                    for index, handle in enumerate(some)
                ],
            )

    @_of_existing
    def send(self, body: Mapping[str, Any], attributes: Mapping[str, str]) -> str:
        """Sends a message; returns its id.

        Raises:
            UnacceptableMessageError: SQS will never take it.
        """
        try:
            answer = self._client.send_message(
                QueueUrl=self._url,
                MessageBody=json.dumps(body),
                MessageAttributes={
                    name: {"DataType": "String", "StringValue": value}
                    for name, value in attributes.items()
                    if value
                },
            )
        except ClientError as error:
            if code(error).rpartition(".")[2] in _UNACCEPTABLE:
                raise UnacceptableMessageError(
                    f"SQS does not take a message: {message(error).rstrip('.')}"
                ) from error
            raise
        return answer["MessageId"]


def tens(items: Iterable[T]) -> Iterator[list[T]]:
    """Groups items for one call of SQS each; lazily."""
    left = iter(items)
    while some := list(islice(left, _AT_ONCE)):
        yield some


def _message(found: MessageTypeDef) -> Message:
    return Message(
        id=found["MessageId"],
        handle=found["ReceiptHandle"],
        body=found["Body"],
        sent_at=datetime.fromtimestamp(int(found["Attributes"]["SentTimestamp"]) / 1000, UTC),
        attributes={
            name: value["StringValue"]
            for name, value in found.get("MessageAttributes", {}).items()
            if "StringValue" in value
        },
    )

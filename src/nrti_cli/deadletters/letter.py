"""A dead letter: events that were not stored, and the reason."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeGuard

from nrti_cli.aws.dynamodb.items import Key
from nrti_cli.aws.sqs import Message
from nrti_cli.events import event_key

#: The reason that is shown for a message that is not a dead letter of the pipeline.
UNREADABLE = "Unreadable"
#: The error whose letters hold the events as they were sent, perhaps without ids.
_INVALID = "InvalidEvent"
#: DynamoDB's limit in bytes: 128 characters of UTF-8.
_LONGEST_NAME = 512


@dataclass(frozen=True)
class Letter:
    """A parsed message of the queue.

    Attributes:
        message: as it was received.
        error: the reason as a code such as `UnknownModel`.
        cause: the reason in words.
        request_id: of the request with these events.
        received_at: of the request, in epoch milliseconds.
        events: with the ids and times under which they are stored; none if the message cannot be parsed.
        of_labels: whether it holds labels in place of events.
    """

    message: Message
    error: str
    cause: str
    request_id: str = ""
    received_at: int = 0
    events: tuple[Any, ...] = ()
    of_labels: bool = False

    @classmethod
    def read(cls, message: Message) -> Letter:
        """Parses a message; any message is accepted."""
        try:
            body = json.loads(message.body)
            error, received_at = str(body["error"]), int(body["received_at"])
            request_id = str(body["request_id"])
            of_labels = "labels" in body
            content = body["labels" if of_labels else "events"]
            # A request that was dead-lettered as a whole may be a single event.
            sent = content if isinstance(content, list) else [content]
        except (ValueError, TypeError, LookupError, RecursionError) as failure:
            return cls(message, UNREADABLE, f"it is not a dead letter of the pipeline ({failure!r})")
        cause = str(body.get("cause", ""))
        if of_labels:
            return cls(message, error, cause, request_id, received_at, tuple(sent), of_labels=True)
        # The letter of an invalid event holds only this event, not its position in the request.
        prefix = message.id if error == _INVALID else request_id
        events = tuple(
            _completed(event, received_at, f"{prefix}-{position}") for position, event in enumerate(sent)
        )
        return cls(message, error, cause, request_id, received_at, events)

    @property
    def models(self) -> list[str]:
        """The models of its events, sorted by name."""
        names = {event.get("model") for event in self.events if isinstance(event, dict)}
        return sorted(name for name in names if isinstance(name, str))

    @property
    def is_kept(self) -> bool:
        """Whether it is a request in S3 that the queue refused; it was never received."""
        return not self.message.handle

    def body(self) -> dict[str, Any]:
        """The message's JSON, as the workflow writes it."""
        return {
            "error": self.error,
            "cause": self.cause,
            "request_id": self.request_id,
            "received_at": self.received_at,
            "labels" if self.of_labels else "events": self.events,
        }

    def record(self) -> dict[str, Any]:
        """The letter as a record for a file; its events can be sent again."""
        if self.error == UNREADABLE:
            return {"error": self.error, "cause": self.cause, "body": self.message.body}
        if self.of_labels:
            return self.body()
        return {**self.body(), "events": [_sendable(event) for event in self.events]}

    def attributes(self) -> dict[str, str]:
        """The message's attributes, as the workflow writes them."""
        model = self.models[0] if len(self.models) == 1 else ""
        return {"error": self.error, "model": model}


def _completed(event: Any, received_at: int, event_id: str) -> Any:
    """Adds what the inference function adds, so that the event is stored under its original key."""
    if not isinstance(event, dict):
        return event
    return {"received_at": received_at, "timestamp": received_at, "event_id": event_id, **event}


def _sendable(event: Any) -> Any:
    """Removes the fields that the pipeline adds and the API rejects."""
    if not isinstance(event, dict):
        return event
    return {name: value for name, value in event.items() if name != "received_at"}


def key(event: Any) -> Key | None:
    """The key of the prediction of an event; None if the event can never be stored.

    It is the key of the item, unless the event is to be rescored by a later version of the model.
    """
    if not isinstance(event, Mapping):
        return None
    sensor, event_id = event.get("sensor"), event.get("event_id")
    if not _is_name(sensor) or not _is_name(event_id):
        return None
    try:
        model, rescored = str(event.get("model", "")), is_rescored(event)
        return sensor, event_key(int(event["timestamp"]), event_id, model, rescored=rescored)
    except (TypeError, ValueError, LookupError, OverflowError, OSError):
        return None


def is_rescored(event: Any) -> bool:
    """Whether an event asks for a prediction beside those of former model versions."""
    return isinstance(event, Mapping) and event.get("rescore") is True


def _is_name(value: object) -> TypeGuard[str]:
    """Whether DynamoDB accepts it as part of a key; the pipeline is stricter."""
    return isinstance(value, str) and 0 < len(value.encode("utf-8", "replace")) <= _LONGEST_NAME

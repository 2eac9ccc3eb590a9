"""A dead letter: the events that were not stored, and why."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeGuard

from nrti_cli.aws.items import Key
from nrti_cli.aws.sqs import Message
from nrti_cli.events import event_key

#: The reason that is shown of a message that is no dead letter of the pipeline's.
UNREADABLE = "Unreadable"
#: With it come events as they were sent, which need not have an id.
_INVALID = "InvalidEvent"
#: Bytes; 128 characters of UTF-8.
_LONGEST_NAME = 512


@dataclass(frozen=True)
class Letter:
    """A message of the queue, understood.

    Attributes:
        message: as it was received.
        error: why its events were not stored, a code such as `UnknownModel`.
        cause: the same in words.
        request_id: of the request that the events came with.
        received_at: of that request, in epoch milliseconds.
        events: with the ids and times that they are stored under; none in an unreadable letter.
    """

    message: Message
    error: str
    cause: str
    request_id: str = ""
    received_at: int = 0
    events: tuple[Any, ...] = ()

    @classmethod
    def read(cls, message: Message) -> Letter:
        """Understands a message, whatever it is."""
        try:
            body = json.loads(message.body)
            error, received_at = str(body["error"]), int(body["received_at"])
            request_id = str(body["request_id"])
            # A request that was parked whole may be a single event.
            sent = body["events"] if isinstance(body["events"], list) else [body["events"]]
        except (ValueError, TypeError, LookupError, RecursionError) as failure:
            return cls(message, UNREADABLE, f"it is no dead letter of the pipeline ({failure!r})")
        # An event that is not valid is in the letter of its kind and not at its place in the request.
        prefix = message.id if error == _INVALID else request_id
        events = tuple(
            _completed(event, received_at, f"{prefix}-{position}") for position, event in enumerate(sent)
        )
        return cls(message, error, str(body.get("cause", "")), request_id, received_at, events)

    @property
    def models(self) -> list[str]:
        """The models that its events name, in the order of their names."""
        names = {event.get("model") for event in self.events if isinstance(event, dict)}
        return sorted(name for name in names if isinstance(name, str))

    def body(self) -> dict[str, Any]:
        """The message's JSON, in the workflow's form."""
        return {
            "error": self.error,
            "cause": self.cause,
            "request_id": self.request_id,
            "received_at": self.received_at,
            "events": self.events,
        }

    def record(self) -> dict[str, Any]:
        """All that there is to it, for a file; its events are as they could be sent again."""
        if self.error == UNREADABLE:
            return {"error": self.error, "cause": self.cause, "body": self.message.body}
        return {**self.body(), "events": [_sendable(event) for event in self.events]}

    def attributes(self) -> dict[str, str]:
        """The message's attributes, in the workflow's form."""
        model = self.models[0] if len(self.models) == 1 else ""
        return {"error": self.error, "model": model}


def _completed(event: Any, received_at: int, event_id: str) -> Any:
    """With what the inference function would add, so that the event is stored under the key it always had."""
    if not isinstance(event, dict):
        return event
    return {"received_at": received_at, "timestamp": received_at, "event_id": event_id, **event}


def _sendable(event: Any) -> Any:
    """Without what the pipeline adds and the API would not take."""
    if not isinstance(event, dict):
        return event
    return {name: value for name, value in event.items() if name != "received_at"}


def key(event: Any) -> Key | None:
    """Which prediction of which sensor an event asks for; None if it cannot be stored at all.

    It is the key of the item, unless a later version of the model is to judge the event once more.
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
    """Whether an event asks for a prediction beside that of its model's former versions."""
    return isinstance(event, Mapping) and event.get("rescore") is True


def _is_name(value: object) -> TypeGuard[str]:
    """Whether DynamoDB could have it in a key; the pipeline is stricter still."""
    return isinstance(value, str) and 0 < len(value.encode("utf-8", "replace")) <= _LONGEST_NAME

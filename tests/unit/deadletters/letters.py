"""Dead letters, and what a stubbed queue of them answers."""

from __future__ import annotations

import json
import signal
from datetime import UTC, datetime
from typing import Any

from botocore.stub import ANY

from nrti_cli.aws.sqs import Message
from nrti_cli.aws.target import Target
from nrti_cli.deadletters.letter import Letter
from tests.unit.conftest import Stub

LONG_AGO = datetime(2026, 11, 22, tzinfo=UTC)


def event(name: str = "e", **more: Any) -> dict[str, Any]:
    """An event of a dead letter."""
    return {
        "received_at": 7,
        "timestamp": 5,
        "event_id": name,
        "sensor": "s",
        "model": "m",
        "data": [1],
    } | more


def letter(*events: Any, error: str = "UnknownModel", name: str = "1") -> Letter:
    """A dead letter that was received."""
    body = {
        "error": error,
        "cause": "the model failed",
        "request_id": "r",
        "received_at": 7,
        "events": events,
    }
    return Letter.read(Message(name, f"handle-{name}", json.dumps(body), LONG_AGO, {}))


def present(stub: Stub, visible: int, held: int = 0) -> None:
    """The number of messages."""
    counts = {
        "ApproximateNumberOfMessages": str(visible),
        "ApproximateNumberOfMessagesNotVisible": str(held),
    }
    asked = {"QueueUrl": ANY, "AttributeNames": list(counts)}
    stub("sqs").add_response("get_queue_attributes", {"Attributes": counts}, asked)


def received(stub: Stub, *letters: Letter) -> None:
    """The answer to a receive."""
    messages = [
        {
            "MessageId": each.message.id,
            "ReceiptHandle": each.message.handle,
            "Body": each.message.body,
            "Attributes": {"SentTimestamp": str(int(each.message.sent_at.timestamp() * 1000))},
        }
        for each in letters
    ]
    stub("sqs").add_response("receive_message", {"Messages": messages} if messages else {})


def released(stub: Stub, *handles: str) -> None:
    """A batch of messages becomes visible."""
    entries = [
        {"Id": str(number), "ReceiptHandle": handle, "VisibilityTimeout": 0}
        for number, handle in enumerate(handles)
    ]
    asked = {"QueueUrl": "u", "Entries": entries}
    stub("sqs").add_response("change_message_visibility_batch", {"Successful": [], "Failed": []}, asked)


def deleted(stub: Stub, *handles: str) -> None:
    """A batch of messages is deleted."""
    entries = [{"Id": str(number), "ReceiptHandle": handle} for number, handle in enumerate(handles)]
    asked = {"QueueUrl": "u", "Entries": entries}
    stub("sqs").add_response("delete_message_batch", {"Successful": [], "Failed": []}, asked)


def swept(stub: Stub, *letters: Letter) -> None:
    """What is asked by a sweep that finds all letters at once, none of them held."""
    present(stub, len(letters))
    received(stub, *letters)
    received(stub)


def interrupted_during(target: Target, call: str) -> None:
    """Ctrl-C in the midst of the first call of an operation of SQS."""
    events, name = target.client("sqs").meta.events, f"provide-client-params.sqs.{call}"

    def interrupt(**_: object) -> None:
        events.unregister(name, interrupt)
        signal.raise_signal(signal.SIGINT)

    events.register(name, interrupt)

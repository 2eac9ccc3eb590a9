"""Whether there are dead letters."""

from __future__ import annotations

from typing import Any

from .readings import Reading

_COUNTS = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")


class DeadLetters:
    """The queue of events that could not be scored or stored.

    Args:
        client: of SQS.
        url: of the queue.
    """

    def __init__(self, client: Any, url: str) -> None:
        self._client, self._url = client, url

    def reading(self) -> Reading:
        """Active while the queue has messages, visible or being redriven."""
        found = self._client.get_queue_attributes(QueueUrl=self._url, AttributeNames=list(_COUNTS))
        count = sum(int(found["Attributes"][name]) for name in _COUNTS)
        note = f"{count:,} message{'' if count == 1 else 's'} in the dead-letter queue"
        return Reading({"": note} if count else {}, note)

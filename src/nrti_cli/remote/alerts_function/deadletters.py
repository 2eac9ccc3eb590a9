"""The rule about dead letters: whether there are any."""

from __future__ import annotations

from typing import Any

from .readings import Reading

_COUNTS = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")
#: Where the workflows keep requests that the queue refused; the state machines have it, too.
_KEPT = "unparked/"


class DeadLetters:
    """The events that could not be scored or stored: in the queue, or kept in S3 if it refused them.

    Args:
        sqs: its client.
        url: of the queue.
        s3: its client.
        bucket: of artifacts.
    """

    def __init__(self, sqs: Any, url: str, s3: Any, bucket: str) -> None:
        self._sqs, self._url, self._s3, self._bucket = sqs, url, s3, bucket

    def reading(self) -> Reading:
        """Active while the queue has messages, visible or being redriven, or S3 has requests."""
        found = self._sqs.get_queue_attributes(QueueUrl=self._url, AttributeNames=list(_COUNTS))
        count = sum(int(found["Attributes"][name]) for name in _COUNTS)
        note = f"{_counted(count, 'message')} in the dead-letter queue"
        # One page is enough for an alert, however many there are.
        page = self._s3.list_objects_v2(Bucket=self._bucket, Prefix=_KEPT)
        if kept := len(page.get("Contents", ())):
            more = "more than " if page.get("IsTruncated") else ""
            note += f", {more}{_counted(kept, 'request')} that it refused kept in S3"
        return Reading({"": note} if count or kept else {}, note)


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"

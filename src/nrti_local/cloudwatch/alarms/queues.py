"""Reports the sizes of queues to CloudWatch, as SQS does while a queue is in use."""

from __future__ import annotations

import time

from ministack.services import sqs

from nrti_local.cloudwatch import metrics
from nrti_local.server.shared.ask import ask_json

_METRICS = {
    "ApproximateNumberOfMessages": "ApproximateNumberOfMessagesVisible",
    "ApproximateNumberOfMessagesNotVisible": "ApproximateNumberOfMessagesNotVisible",
    "ApproximateNumberOfMessagesDelayed": "ApproximateNumberOfMessagesDelayed",
}
#: As on AWS, a queue that was empty for this time is no longer in use.
_IDLE_SECONDS = 6 * 3600


class Queues:
    """The queues of one account and region."""

    def __init__(self) -> None:
        self._used: dict[str, float] = {}

    def measure(self) -> None:
        """Adds the current size of each queue in use to its metrics."""
        for url in ask_json(sqs, "AmazonSQS.ListQueues", {}).get("QueueUrls", ()):
            request = {"QueueUrl": url, "AttributeNames": list(_METRICS)}
            held = ask_json(sqs, "AmazonSQS.GetQueueAttributes", request)["Attributes"]
            now = time.monotonic()
            if any(int(number) for number in held.values()) or url not in self._used:
                self._used[url] = now
            if now - self._used[url] < _IDLE_SECONDS:
                values = [(_METRICS[name], int(number), "Count") for name, number in held.items()]
                metrics.add_all("AWS/SQS", values, {"QueueName": url.rpartition("/")[2]})

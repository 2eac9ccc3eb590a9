"""Dead letters of a period, as CloudWatch has counted the queue by the minute, and kept requests."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from math import ceil
from typing import TYPE_CHECKING

from nrti_cli.aws.cloudwatch.metrics import Metric, Series, read_metrics
from nrti_cli.aws.s3.objects import S3
from nrti_cli.stack.names import UNPARKED, artifacts_bucket

if TYPE_CHECKING:
    from nrti_cli.aws.target import Target
    from nrti_cli.remote.alerts_function.counting import Period

#: CloudWatch keeps values by the minute for 15 days, and SQS the letters for two weeks.
_LONGEST = timedelta(days=14)
#: SQS counts a queue in use at least so often.
_GAP = timedelta(minutes=10)
#: The share of requests above which dead letters are a finding, as in the alarm of refused requests.
_MANY = 0.05


@dataclass(frozen=True)
class DeadLetters:
    """Dead letters of all models, and the requests of the same time.

    Attributes:
        letters: that came into the queue, and requests that it refused, which are kept in S3.
        requests: to the API.
    """

    letters: int
    requests: int

    @property
    def many(self) -> bool:
        """Whether more than 5 % of the requests left one."""
        return self.letters > _MANY * max(self.requests, self.letters)


def dead_letters(target: Target, period: Period) -> DeadLetters:
    """The dead letters of a period, at most of its last two weeks."""
    span = min(period.until - period.since, _LONGEST)
    queue, api = {"QueueName": f"{target.stack}-dead-letters"}, {"ApiName": target.stack, "Stage": "v1"}
    visible, held, requests = read_metrics(
        target,
        [
            # Averages can be added; the maxima would count a letter twice in the minute of its receive.
            Metric("ApproximateNumberOfMessagesVisible", "AWS/SQS", queue, "Average"),
            Metric("ApproximateNumberOfMessagesNotVisible", "AWS/SQS", queue, "Average"),
            Metric("Count", "AWS/ApiGateway", api),
        ],
        span,
        period.until,
    )
    since = period.until - span
    kept = S3(target).objects(artifacts_bucket(target), UNPARKED)
    refused = sum(since <= each.written <= period.until for each in kept)
    return DeadLetters(arrived(visible, held, since) + refused, int(requests.total))


def arrived(visible: Series, held: Series, since: datetime) -> int:
    """The letters that came, by the increases of their number: redriving makes it smaller.

    Args:
        visible: letters at each minute that can be received.
        held: those that a command had received; it may have released them later, which is no arrival.
        since: the beginning; letters that were there then came before, unless the queue was not in use.
    """
    present: defaultdict[datetime, float] = defaultdict(float)
    for at, number in (*visible.points, *held.points):
        present[at] += number
    numbers = [number for _, number in sorted(present.items())]
    in_use = bool(numbers) and min(present) - since < _GAP
    before = numbers[:1] if in_use else [0.0]
    return ceil(sum(max(now - earlier, 0.0) for earlier, now in pairwise([*before, *numbers])))

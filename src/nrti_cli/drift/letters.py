"""Dead letters of a period, as CloudWatch has counted the queue by the minute."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from nrti_cli.aws.cloudwatch import Metric, Series, read_metrics

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
        letters: that came into the queue.
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
    waiting, requests = read_metrics(
        target,
        [
            Metric("ApproximateNumberOfMessagesVisible", "AWS/SQS", queue, "Maximum"),
            Metric("Count", "AWS/ApiGateway", api),
        ],
        span,
        period.until,
    )
    return DeadLetters(arrived(waiting, period.until - span), int(requests.total))


def arrived(waiting: Series, since: datetime) -> int:
    """The letters that came, by the increases of the number that wait: redriving makes it smaller.

    Args:
        waiting: letters in the queue at each minute.
        since: the beginning; letters that wait then came before, unless the queue was not in use.
    """
    numbers = [int(number) for _, number in waiting.points]
    in_use = bool(numbers) and waiting.points[0][0] - since < _GAP
    before = numbers[:1] if in_use else [0]
    return sum(max(now - earlier, 0) for earlier, now in pairwise([*before, *numbers]))

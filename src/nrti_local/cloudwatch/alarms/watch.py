"""Evaluates the alarms every few seconds, by CloudWatch's own API.

Import it after the patches are applied: it imports ministack.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Mapping
from typing import Any

from ministack.core.responses import get_account_id, get_region, request_scope
from ministack.services import cloudwatch

from nrti_local.cloudwatch import statistics
from nrti_local.cloudwatch.alarms import reasons, states
from nrti_local.cloudwatch.alarms.queues import Queues
from nrti_local.cloudwatch.metric_statistics import metric_of
from nrti_local.sagemaker.settings import HOME_ACCOUNT
from nrti_local.server.shared.ask import ask_json
from nrti_local.settings import REGION

_logger = logging.getLogger(__name__)
#: Between two evaluations; AWS takes a minute, which is long at a terminal.
_INTERVAL_SECONDS = 5.0
_API = "GraniteServiceVersion20100801"
#: Periods read beyond those that an alarm evaluates: the current one, and one before.
_MORE_PERIODS = 2


#: The accounts and regions whose alarms are evaluated, with their queues.
_queues: dict[tuple[str, str], Queues] = {(HOME_ACCOUNT, REGION): Queues()}


def include() -> None:
    """Evaluates the alarms of the account and region of the current request from now on, too."""
    _queues.setdefault((get_account_id(), get_region()), Queues())


async def watch() -> None:
    """Measures the queues and evaluates the alarms, until it is cancelled."""
    while True:
        for scope, queues in list(_queues.items()):
            with request_scope(*scope):
                try:
                    queues.measure()
                    evaluate(time.time())
                except Exception:  # the next evaluation may succeed
                    _logger.exception("the alarms cannot be evaluated")
        await asyncio.sleep(_INTERVAL_SECONDS)


def evaluate(now: float) -> None:
    """Sets the state of every alarm that compares a metric with a threshold, by its datapoints.

    Args:
        now: seconds since 1970.
    """
    token: dict[str, Any] = {}
    while True:
        page = _ask("DescribeAlarms", AlarmTypes=["MetricAlarm"], **token)
        for alarm in filter(states.is_judged, page["MetricAlarms"]):
            try:
                _evaluate(alarm, now)
            except Exception:  # the other alarms are still evaluated
                _logger.exception("the alarm %s", alarm["AlarmName"])
        if not page.get("NextToken"):
            return
        token = {"NextToken": page["NextToken"]}


def _evaluate(alarm: Mapping[str, Any], now: float) -> None:
    statistic, periods = alarm.get("ExtendedStatistic") or alarm["Statistic"], _periods(alarm, now)
    values = {at: statistics.statistic(points, statistic) for at, points in periods.items()}
    known = {at: value for at, value in values.items() if value is not None}
    judgement = states.judge(alarm, known, now)
    if judgement and judgement.state != alarm["StateValue"]:
        counts = {at: statistics.total(points).count for at, points in periods.items()}
        _ask(
            "SetAlarmState",
            AlarmName=alarm["AlarmName"],
            StateValue=judgement.state,
            StateReason=judgement.reason,
            StateReasonData=json.dumps(reasons.data(alarm, judgement, known, counts, now)),
        )


def _periods(alarm: Mapping[str, Any], now: float) -> dict[int, list[statistics.Point]]:
    """The points of an alarm's metric by the beginnings of their periods."""
    period = alarm["Period"]
    first = (int(now) // period - alarm["EvaluationPeriods"] - _MORE_PERIODS) * period
    found = statistics.points(metric_of(alarm), first, now + 1, alarm.get("Unit"))
    return statistics.by_period(found, first, period)


def _ask(operation: str, **request: Any) -> Any:
    return ask_json(cloudwatch, f"{_API}.{operation}", request)

"""The operations of CloudWatch Logs that are answered or checked here; ministack has the others."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from functools import cache
from itertools import pairwise
from typing import Any

from ministack.core.responses import error_response_json, json_response

from nrti_local.cloudwatch import log_search, logs, metric_filters
from nrti_local.cloudwatch.groups import wrong
from nrti_local.cloudwatch.insights import operations as insights
from nrti_local.cloudwatch.patterns.compiling import of_request
from nrti_local.ministack.entry import Handler, name
from nrti_local.ministack.patch import Patch
from nrti_local.server.asgi import Answer
from nrti_local.server.shared.api_model import ApiModel
from nrti_local.server.shared.errors import ServiceError

Members = dict[str, Any]
#: Answers a request; None leaves it to ministack.
Operation = Callable[[Members], Members | None]
_TYPE = "application/x-amz-json-1.1"
#: In milliseconds.
_DAY = 24 * 3600 * 1000
#: The terms by which ministack finds the events for a subscription, as CloudWatch does.
_PLAIN_TERMS = re.compile(r"\s*(\w+\s*)*", re.ASCII)


def _put_log_events(request: Members) -> None:
    """Counts the events for the metric filters of their group, if ministack will take them."""
    _check_times([event["timestamp"] for event in request["logEvents"]])
    group = request["logGroupName"]
    if request["logStreamName"] in (logs.streams(group) or ()):
        metric_filters.count(group, [event["message"] for event in request["logEvents"]])


def _check_times(times: list[int]) -> None:
    if any(later < earlier for earlier, later in pairwise(times)):
        raise wrong("Log events in a single PutLogEvents request must be in chronological order.")
    if times[-1] - times[0] > _DAY:
        raise wrong(
            "The batch of log events in a single PutLogEvents request cannot span more than 24 hours."
        )


def _describe_streams(request: Members) -> None:
    if request.get("orderBy") == "LastEventTime" and request.get("logStreamNamePrefix"):
        raise wrong("Cannot order by LastEventTime with a logStreamNamePrefix.")


def _test_metric_filter(request: Members) -> Members:
    pattern = of_request(request["filterPattern"])
    extracted = [(message, pattern.extracted(message)) for message in request["logEventMessages"]]
    matches = [
        {"eventNumber": number, "eventMessage": message, "extractedValues": dict(values)}
        for number, (message, values) in enumerate(extracted, 1)
        if values is not None
    ]
    return {"matches": matches}


def _subscribe(request: Members) -> None:
    of_request(request["filterPattern"])
    if not _PLAIN_TERMS.fullmatch(request["filterPattern"]):
        raise wrong("In the embedded AWS, a subscription's filter pattern has only terms without signs")


def _tail(request: Members) -> None:
    if request.get("logEventFilterPattern", "").strip():
        raise wrong("Live Tail with a filter pattern is not in the embedded AWS")


_OPERATIONS: dict[str, Operation] = {
    **insights.OPERATIONS,
    "DescribeLogStreams": _describe_streams,
    "FilterLogEvents": log_search.filter_log_events,
    "PutLogEvents": _put_log_events,
    "PutMetricFilter": metric_filters.check,
    "PutSubscriptionFilter": _subscribe,
    "StartLiveTail": _tail,
    "TestMetricFilter": _test_metric_filter,
}
#: They read many events; others are answered meanwhile.
_SEARCHES = (log_search.filter_log_events, insights.OPERATIONS["StartQuery"])


@cache
def _model() -> ApiModel:
    """Read at the first request that needs it: the start does not wait for it."""
    return ApiModel("logs", wrong)


def _answering(original: Handler) -> Handler:
    async def handle_request(
        method: str, path: str, headers: dict[str, str], body: bytes, query: Any
    ) -> Answer:
        operation = _OPERATIONS.get(name(headers))
        if operation is None:
            return await original(method, path, headers, body, query)
        try:
            request = _model().read(name(headers), body)
            searches = operation in _SEARCHES
            answer = await asyncio.to_thread(operation, request) if searches else operation(request)
        except ServiceError as error:
            refusal: Answer = error_response_json(
                error.code, error.message, error.status, error.members, content_type=_TYPE
            )
            return refusal
        if answer is None:
            return await original(method, path, headers, body, query)
        done: Answer = json_response(answer, content_type=_TYPE)
        return done

    return handle_request


PATCHES = (
    Patch(
        "ministack.services.cloudwatch_logs",
        "handle_request",
        "Most filter patterns match all events, metric filters make no metrics, Insights ignores commands.",
        _answering,
    ),
)

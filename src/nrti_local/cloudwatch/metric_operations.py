"""The operations of CloudWatch that are answered or checked here; ministack has the others."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any
from urllib.parse import parse_qs

from botocore.model import ServiceModel

from nrti_local.cloudwatch import wire
from nrti_local.cloudwatch.alarms import definition, watch
from nrti_local.cloudwatch.metric_data import get_metric_data, invalid
from nrti_local.cloudwatch.metric_statistics import get_metric_statistics
from nrti_local.ministack.entry import Handler, name
from nrti_local.ministack.patch import Patch
from nrti_local.server import constraints
from nrti_local.server.asgi import Answer
from nrti_local.server.errors import ServiceError
from nrti_local.server.sdk import MODELS

Members = dict[str, Any]
#: Answers a request; None leaves it to ministack.
Operation = Callable[[Members], Members | None]


def _put_alarm(request: Members) -> None:
    if found := definition.problem(request):
        raise invalid(found)
    watch.include()


def _describe_alarms(_: Members) -> None:
    watch.include()


def _leave(_: Members) -> None:
    """Leaves a request that its model allows to ministack."""


_OPERATIONS: dict[str, Operation] = {
    "DescribeAlarms": _describe_alarms,
    "GetMetricData": get_metric_data,
    "GetMetricStatistics": get_metric_statistics,
    "PutMetricAlarm": _put_alarm,
    "SetAlarmState": _leave,
}


@cache
def _model() -> ServiceModel:
    """Read at the first request that needs it: the start does not wait for it."""
    return ServiceModel(MODELS.load_service_model("cloudwatch", "service-2"), "cloudwatch")


def _answering(original: Handler) -> Handler:
    async def handle_request(
        method: str, path: str, headers: dict[str, str], body: bytes, query: Any
    ) -> Answer:
        form = wire.is_form(headers)
        action = parse_qs(body.decode("latin-1")).get("Action", [""])[0] if form else name(headers)
        if action in _OPERATIONS:
            try:
                answer = _answered(action, body, form=form)
            except ServiceError as error:
                return wire.refused(error, form=form)
            if answer is not None:
                return answer
        return await original(method, path, headers, body, query)

    return handle_request


def _answered(action: str, body: bytes, *, form: bool) -> Answer | None:
    operation = _model().operation_model(action)
    request = wire.members(operation.input_shape, body, form=form)
    if operation.input_shape and (text := constraints.violations(operation.input_shape, request)):
        raise invalid(text)
    result = _OPERATIONS[action](request)
    return None if result is None else wire.done(operation, result, form=form)


PATCHES = (
    Patch(
        "ministack.services.cloudwatch",
        "handle_request",
        "A metric without dimensions is all of that name; metric math and parts of alarms are ignored.",
        _answering,
    ),
)

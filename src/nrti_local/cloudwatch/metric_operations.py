"""The operations of CloudWatch that are answered or checked here; ministack has the others."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from typing import Any
from urllib.parse import parse_qs

from botocore.model import OperationModel, OperationNotFoundError, ServiceModel

from nrti_local.cloudwatch import wire
from nrti_local.cloudwatch.alarms import definition, watch
from nrti_local.cloudwatch.metric_data import get_metric_data, invalid
from nrti_local.cloudwatch.metric_statistics import get_metric_statistics
from nrti_local.ministack.entry import Handler, name
from nrti_local.ministack.patch import Patch
from nrti_local.server.asgi import Answer
from nrti_local.server.shared import constraints
from nrti_local.server.shared.errors import ServiceError
from nrti_local.server.shared.sdk import MODELS

Members = dict[str, Any]
#: Answers a request; None leaves it to ministack.
Operation = Callable[[Members], Members | None]
_TARGET, _JSON = "GraniteServiceVersion20100801", "application/x-amz-json-1.0"


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
    """Answers forms, too; ministack gets those that are left to it as JSON, of which it reads all members."""

    async def handle_request(
        method: str, path: str, headers: dict[str, str], body: bytes, query: Any
    ) -> Answer:
        form = wire.is_form(headers)
        action = parse_qs(body.decode("latin-1")).get("Action", [""])[0] if form else name(headers)
        if not action or (not form and action not in _OPERATIONS):
            return await original(method, path, headers, body, query)
        try:
            operation = _operation(action)
            request = _checked(operation, body, form=form)
            result = _OPERATIONS.get(action, _leave)(request)
            if result is None:
                asked = headers | {"content-type": _JSON, "x-amz-target": f"{_TARGET}.{action}"}
                result = _result(await original("POST", path, asked, json.dumps(request).encode(), {}))
        except ServiceError as error:
            return wire.refused(error, form=form)
        return wire.done(operation, result, form=form)

    return handle_request


def _operation(action: str) -> OperationModel:
    try:
        return _model().operation_model(action)
    except OperationNotFoundError:
        raise ServiceError("InvalidAction", f"Unknown action: {action}") from None


def _checked(operation: OperationModel, body: bytes, *, form: bool) -> Members:
    """The members of a request, if its model allows them."""
    shape = operation.input_shape
    request = wire.members(shape, body, form=form)
    if shape and (text := constraints.violations(shape, request)):
        raise invalid(text)
    return request


def _result(answer: Answer) -> Members:
    """The members of ministack's answer."""
    status, _, body = answer
    members: Members = json.loads(body or b"{}")
    if status >= 400:
        raise ServiceError(members["__type"], str(members.get("message", "")), status)
    return members


PATCHES = (
    Patch(
        "ministack.services.cloudwatch",
        "handle_request",
        "A metric without dimensions is all of that name; metric math and parts of alarms are ignored.",
        _answering,
    ),
)

# ruff: noqa: SLF001
"""Metric filters: log events that match a pattern become values of a metric."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ministack.services import cloudwatch_logs

from nrti_local.cloudwatch import metrics
from nrti_local.cloudwatch.groups import wrong
from nrti_local.cloudwatch.numbers import NUMBER
from nrti_local.cloudwatch.patterns.compiling import compiled, of_request
from nrti_local.cloudwatch.patterns.pattern import InvalidPatternError, Pattern
from nrti_local.ministack.patch import private

PRIVATE = private("ministack.services.cloudwatch_logs", "_metric_filters")

Members = Mapping[str, Any]


def check(request: Members) -> None:
    """Checks what PutMetricFilter sends; ministack keeps it as it is.

    Raises:
        ServiceError: the pattern or the transformation is wrong, or the embedded AWS would ignore a member.
    """
    of_request(request["filterPattern"])
    for member in ("applyOnTransformedLogs", "fieldSelectionCriteria", "emitSystemFieldDimensions"):
        if request.get(member):
            raise wrong(f"{member} is not in the embedded AWS")
    (transformation,) = request["metricTransformations"]
    if problem := _problem(transformation, named=_has_names(request["filterPattern"])):
        raise wrong(problem)


def _has_names(pattern: str) -> bool:
    """Whether a pattern has fields: of JSON, or columns."""
    return pattern.strip().startswith(("{", "["))


def _problem(transformation: Members, *, named: bool) -> str:
    value, dimensions = transformation["metricValue"], transformation.get("dimensions")
    if not NUMBER.fullmatch(value) and not (named and value.startswith("$")):
        return (
            f"Invalid metric transformation: metricValue '{value}' is no number and no field of the pattern"
        )
    if dimensions and not named:
        return "The specified filter pattern does not support dimensions"
    if dimensions and transformation.get("defaultValue") is not None:
        return (
            "Invalid metric transformation: dimensions and default value are mutually exclusive properties."
        )
    return ""


def count(group: str, messages: Iterable[str]) -> None:
    """Adds the values of new log events to the metrics of their group's filters.

    Args:
        group: a log group of this account and region.
        messages: of its new events.
    """
    for each in list(cloudwatch_logs._metric_filters.values()):
        if each["logGroupName"] == group:
            for message in messages:
                _count(each, message)


def _count(metric_filter: Members, message: str) -> None:
    try:
        pattern = compiled(metric_filter["filterPattern"])
    except InvalidPatternError:  # CloudFormation's filters were not checked
        return
    matches = pattern.extracted(message) is not None
    for transformation in metric_filter["metricTransformations"]:
        value: float | None = transformation.get("defaultValue")
        dimensions: dict[str, str] | None = {}
        if matches:
            value = _value(pattern, message, transformation["metricValue"])
            dimensions = _dimensions(pattern, message, transformation.get("dimensions") or {})
        if value is not None and dimensions is not None:
            _add(transformation, value, dimensions)


def _add(transformation: Members, value: float, dimensions: dict[str, str]) -> None:
    namespace, name = transformation["metricNamespace"], transformation["metricName"]
    metrics.add(namespace, name, value, transformation.get("unit") or "None", dimensions, exact=True)


def _value(pattern: Pattern, message: str, text: str) -> float | None:
    """A number as it stands, or what the message has in that field; None if that is no number."""
    found = pattern.value(message, text) if text.startswith("$") else text
    try:
        return float(str(found))
    except ValueError:
        return None


def _dimensions(pattern: Pattern, message: str, named: Mapping[str, str]) -> dict[str, str] | None:
    """The dimensions with their values; None if the message lacks one."""
    found = {name: pattern.value(message, selector) for name, selector in named.items()}
    if any(value is None for value in found.values()):
        return None
    return {name: str(value) for name, value in found.items()}

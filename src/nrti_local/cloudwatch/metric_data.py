"""GetMetricData: metrics, and expressions of metric math on them."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

from ministack.core.responses import get_account_id

from nrti_local.cloudwatch import statistics
from nrti_local.cloudwatch.metric_math import evaluation, searching
from nrti_local.cloudwatch.metric_math.functions import Span
from nrti_local.cloudwatch.metric_math.series import MathError, Series, Value
from nrti_local.cloudwatch.metric_statistics import check_period, check_statistic, check_times, metric_of
from nrti_local.server.shared import tokens
from nrti_local.server.shared.errors import ServiceError

Members = dict[str, Any]
_ID = re.compile(r"[a-z]\w*", re.ASCII)
#: Values of one answer, and metrics that a search finds, at most.
_MOST_VALUES, _MOST_FOUND = 100_800, 500
_PERIOD = 60


def invalid(message: str) -> ServiceError:
    """The error of a request that is wrong."""
    return ServiceError("ValidationError", message)


def get_metric_data(request: Members) -> Members:
    """Answers GetMetricData, the newest values first unless the request orders otherwise."""
    queries = _checked(request["MetricDataQueries"])
    start, end = check_times(request)
    data = _Data(queries, Span(statistics.begin(start), end))
    descending = request.get("ScanBy", "TimestampDescending") == "TimestampDescending"
    results = [
        _result(query, series, descending=descending)
        for query in queries
        if query.get("ReturnData", True)
        for series in data.returned(query)
    ]
    return _page(results, _place(request.get("NextToken")), request.get("MaxDatapoints", _MOST_VALUES))


def _checked(queries: list[Members]) -> list[Members]:
    """The queries of a request, if they are whole and the embedded AWS ignores nothing of them."""
    ids = [query["Id"] for query in queries]
    for name in ids:
        if not _ID.fullmatch(name) or ids.count(name) > 1:
            raise invalid(
                f"The values for parameter id in MetricDataQueries are not unique and valid: {name}"
            )
    for query in queries:
        where = f"MetricDataQuery '{query['Id']}'"
        if ("MetricStat" in query) == ("Expression" in query):
            raise invalid(f"{where} must have either MetricStat or Expression")
        if "${" in query.get("Label", ""):
            raise invalid(f"{where}: labels with ${{…}} are not in the embedded AWS")
        if query.get("AccountId", get_account_id()) != get_account_id():
            raise invalid(f"{where}: metrics of other accounts are not in the embedded AWS")
    if not any(query.get("ReturnData", True) for query in queries):
        raise invalid("At least one of the elements in MetricDataQueries must have ReturnData true")
    return queries


def _labels(queries: list[Members]) -> dict[str, str]:
    """The labels of metrics by their ids: with the statistic and the period where those of a name differ."""
    metrics = {query["Id"]: query["MetricStat"] for query in queries if "MetricStat" in query}
    labels = {}
    for key, metric in metrics.items():
        name = metric["Metric"]["MetricName"]
        alike = [each for each in metrics.values() if each["Metric"]["MetricName"] == name]
        differing = [
            str(metric[member]) for member in ("Stat", "Period") if len({each[member] for each in alike}) > 1
        ]
        labels[key] = " ".join([name, *differing])
    return labels


class _Data:
    """The values of a request's queries, each computed once.

    Args:
        queries: which were checked.
        span: the times of the request.
    """

    def __init__(self, queries: list[Members], span: Span) -> None:
        self._queries = {query["Id"]: query for query in queries}
        self._labels = _labels(queries)
        self._span = span
        self._values: dict[str, Value] = {}
        self._computing: list[str] = []

    def returned(self, query: Members) -> list[Series]:
        """The time series of a query.

        Raises:
            ServiceError: its expression is wrong.
        """
        where = f"Error in expression '{query['Id']}'"
        try:
            value = self._value(query["Id"])
        except MathError as error:
            raise invalid(f"{where}: {error}") from None
        if isinstance(value, int | float):
            raise invalid(f"{where}: the result is a number and no time series")
        return value if isinstance(value, list) else [value]

    def _value(self, name: str) -> Value:
        if name not in self._queries:
            raise MathError(f"there is no metric or expression with the id '{name}'")
        if name in self._computing:
            raise MathError(f"'{name}' refers to itself")
        if name not in self._values:
            self._computing.append(name)
            self._values[name] = self._computed(self._queries[name])
            self._computing.pop()
        return self._values[name]

    def _computed(self, query: Members) -> Value:
        if metric := query.get("MetricStat"):
            check_statistic(metric["Stat"], "Stat")
            period, label = check_period(metric["Period"]), self._labels[query["Id"]]
            return self._series(
                metric_of(metric["Metric"]), metric["Stat"], period, label, metric.get("Unit")
            )
        request = evaluation.Request(self._span, self._value, self._metrics, self._search)
        value = evaluation.evaluate(query["Expression"], request)
        if isinstance(value, Series):
            return Series(query["Id"], value.period, value.points)
        return value

    def _metrics(self, part: str) -> list[Series]:
        named = [name for name, query in self._queries.items() if "MetricStat" in query and part in name]
        return [value for value in map(self._value, named) if isinstance(value, Series)]

    def _search(self, expression: str, statistic: str, period: int) -> list[Series]:
        check_statistic(statistic, "Stat")
        length = check_period(period or _PERIOD)
        wanted = searching.found_by(expression)
        found = [metric for metric in statistics.existing() if wanted(metric)][:_MOST_FOUND]
        return [self._series(metric, statistic, length, _label(metric)) for metric in found]

    def _series(
        self, metric: statistics.Metric, name: str, period: int, label: str, unit: str | None = None
    ) -> Series:
        points = statistics.points(metric, self._span.start, self._span.end, unit)
        units = statistics.units(points)
        points = [point for point in points if point["Unit"] == units[0]]
        periods = statistics.by_period(points, self._span.start, period)
        values = ((at, statistics.statistic(found, name)) for at, found in periods.items())
        several = units if units[1:] else ()
        return Series(label, period, {}, several).having(
            (at, math.nan if v is None else v) for at, v in values
        )


def _label(metric: statistics.Metric) -> str:
    """How a metric that a search found is named."""
    return " ".join([*metric.dimensions.values(), metric.name])


def _result(query: Mapping[str, Any], series: Series, *, descending: bool) -> Members:
    times = sorted(series.points, reverse=descending)
    units = f"Multiple units returned: '[{', '.join(sorted(series.units))}]'"
    messages = {"Messages": [{"Code": "MultipleUnits", "Value": units}]} if series.units else {}
    return {
        "Id": query["Id"],
        "Label": query.get("Label") or series.label,
        "Timestamps": times,
        "Values": [series.points[at] for at in times],
        "StatusCode": "Complete",
        **messages,
    }


def _page(results: list[Members], first: int, most: int) -> Members:
    """As many values as an answer has, from a place on, and where the next one begins."""
    place, last = 0, first + most
    for result in results:
        count = len(result["Values"])
        kept = slice(max(first - place, 0), max(last - place, 0))
        if place + count > last:
            result["StatusCode"] = "PartialData"
        result |= {"Timestamps": result["Timestamps"][kept], "Values": result["Values"][kept]}
        place += count
    answer: Members = {"MetricDataResults": results, "Messages": []}
    if place > last:
        answer["NextToken"] = tokens.encode(last)
    return answer


def _place(token: str | None) -> int:
    if token is None:
        return 0
    try:
        return int(tokens.decode(token))
    except (TypeError, ValueError):
        raise ServiceError("InvalidNextToken", "The specified nextToken is invalid.") from None

"""CloudWatch: reads metrics."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch.client import CloudWatchClient
    from mypy_boto3_cloudwatch.type_defs import MetricDataQueryTypeDef

    from nrti_cli.aws.target import Target

_PERIOD_SECONDS = 60
Statistic = Literal["Sum", "Average", "Maximum", "SampleCount"]


@dataclass(frozen=True)
class Metric:
    """A metric.

    Attributes:
        name: such as `ExecutionsFailed`.
        namespace: such as `AWS/States`.
        dimensions: exactly those under which it is published.
        statistic: how the values of a minute are aggregated.
    """

    name: str
    namespace: str
    dimensions: Mapping[str, str]
    statistic: Statistic = "Sum"


@dataclass(frozen=True)
class Series:
    """A value for each minute with data, oldest first."""

    points: tuple[tuple[datetime, float], ...] = ()

    @property
    def total(self) -> float:
        """The sum over all minutes."""
        return sum(value for _, value in self.points)

    def until(self, moment: datetime) -> float:
        """The sum over the minutes that began before a time."""
        return sum(value for at, value in self.points if at < moment)

    @property
    def last(self) -> datetime | None:
        """The beginning of the last minute with a value other than zero."""
        return max((at for at, value in self.points if value), default=None)


@dataclass(frozen=True)
class Alarm:
    """An alarm, and whether it is active."""

    name: str
    active: bool


def alarms(target: Target, names: Sequence[str]) -> list[Alarm]:
    """The alarms that exist, of up to 100 names."""
    client: CloudWatchClient = target.client("cloudwatch")
    found = client.describe_alarms(AlarmNames=names, MaxRecords=100)["MetricAlarms"]
    return [Alarm(alarm["AlarmName"], alarm["StateValue"] == "ALARM") for alarm in found]


def read_metrics(
    target: Target, metrics: Sequence[Metric], span: timedelta, until: datetime | None = None
) -> list[Series]:
    """The metrics over a `span` that ends at `until` or now, in the given order."""
    client: CloudWatchClient = target.client("cloudwatch")
    now = until or datetime.now(UTC)
    queries: list[MetricDataQueryTypeDef] = [
        {
            "Id": f"m{position}",
            "MetricStat": {
                "Metric": {
                    "Namespace": metric.namespace,
                    "MetricName": metric.name,
                    "Dimensions": [{"Name": k, "Value": v} for k, v in metric.dimensions.items()],
                },
                "Period": _PERIOD_SECONDS,
                "Stat": metric.statistic,
            },
        }
        for position, metric in enumerate(metrics)
    ]
    # CloudWatch returns whole minutes; the current one counts, too.
    pages = client.get_paginator("get_metric_data").paginate(
        MetricDataQueries=queries, StartTime=now - span, EndTime=now + timedelta(minutes=1)
    )
    found: dict[str, list[tuple[datetime, float]]] = {}
    for page in pages:
        for result in page["MetricDataResults"]:
            pairs = zip(result["Timestamps"], result["Values"], strict=True)
            found.setdefault(result["Id"], []).extend(pairs)
    return [Series(tuple(sorted(found.get(f"m{position}", [])))) for position in range(len(metrics))]

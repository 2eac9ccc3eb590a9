"""The CloudWatch metrics of endpoints."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nrti_local.sagemaker.clients import Clients
from nrti_local.sagemaker.telemetry import Shipper
from nrti_local.server.shared.times import now

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch.type_defs import MetricDatumTypeDef

_INTERVAL_SECONDS = 1.0
_DATA_PER_CALL = 1000


@dataclass
class _Figures:
    """One variant's invocations since the last flush; latencies in microseconds."""

    invocations: int = 0
    errors: Counter[str] = field(default_factory=Counter)
    latencies: list[float] = field(default_factory=list)


Figures = dict[tuple[str, str], _Figures]


class Metrics(Shipper[Figures]):
    """Namespace AWS/SageMaker: Invocations, Invocation4XXErrors, Invocation5XXErrors, ModelLatency."""

    def __init__(self, clients: Clients) -> None:
        super().__init__(_INTERVAL_SECONDS)
        self._clients = clients
        self._figures: Figures = {}

    def invocation(self, endpoint: str, variant: str, status: int, latency: float | None) -> None:
        """Counts an invocation.

        Args:
            endpoint: the endpoint's name.
            variant: the production variant.
            status: the model's HTTP status, or the one that represents the failure.
            latency: the model's time in seconds, or None if it was not reached.
        """
        figures = self._figures.setdefault((endpoint, variant), _Figures())
        figures.invocations += 1
        self.pending.set()
        if status >= 400:
            figures.errors["Invocation5XXErrors" if status >= 500 else "Invocation4XXErrors"] += 1
        if latency is not None:
            figures.latencies.append(latency * 1e6)

    def _take(self) -> Figures:
        taken, self._figures = self._figures, {}
        return taken

    def _send(self, collected: Figures) -> None:
        data = [datum for key, figures in collected.items() for datum in _data(*key, figures)]
        for start in range(0, len(data), _DATA_PER_CALL):
            self._clients.cloudwatch().put_metric_data(
                Namespace="AWS/SageMaker", MetricData=data[start : start + _DATA_PER_CALL]
            )


def _data(endpoint: str, variant: str, figures: _Figures) -> list[MetricDatumTypeDef]:
    common: MetricDatumTypeDef = {
        "MetricName": "Invocations",
        "Timestamp": now(),
        "Unit": "Count",
        "Dimensions": [
            {"Name": "EndpointName", "Value": endpoint},
            {"Name": "VariantName", "Value": variant},
        ],
    }
    data: list[MetricDatumTypeDef] = [{**common, "Value": figures.invocations}]
    data += [
        {**common, "MetricName": name, "Value": figures.errors[name]}
        for name in ("Invocation4XXErrors", "Invocation5XXErrors")
    ]
    if figures.latencies:
        data.append(
            {
                **common,
                "MetricName": "ModelLatency",
                "Unit": "Microseconds",
                "StatisticValues": {
                    "SampleCount": len(figures.latencies),
                    "Sum": sum(figures.latencies),
                    "Minimum": min(figures.latencies),
                    "Maximum": max(figures.latencies),
                },
            }
        )
    return data

"""The CloudWatch metrics of training jobs, from their output."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nrti_local.sagemaker.clients import Clients
from nrti_local.sagemaker.telemetry import Shipper
from nrti_local.server.shared.times import now

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch.type_defs import MetricDatumTypeDef

_INTERVAL_SECONDS = 1.0
_NAMESPACE = "/aws/sagemaker/TrainingJobs"
_DATA_PER_CALL = 1000


class Measurements(Shipper["list[MetricDatumTypeDef]"]):
    """The metrics of training jobs, by the dimension TrainingJobName."""

    def __init__(self, clients: Clients) -> None:
        super().__init__(_INTERVAL_SECONDS)
        self._clients = clients
        self._data: list[MetricDatumTypeDef] = []

    def add(self, job: str, metric: str, value: float) -> None:
        """Adds a value from a job's output."""
        self._data.append(
            {
                "MetricName": metric,
                "Dimensions": [{"Name": "TrainingJobName", "Value": job}],
                "Timestamp": now(),
                "Value": value,
            }
        )
        self.pending.set()

    def _take(self) -> list[MetricDatumTypeDef]:
        taken, self._data = self._data, []
        return taken

    def _send(self, collected: list[MetricDatumTypeDef]) -> None:
        for start in range(0, len(collected), _DATA_PER_CALL):
            data = collected[start : start + _DATA_PER_CALL]
            self._clients.cloudwatch().put_metric_data(Namespace=_NAMESPACE, MetricData=data)

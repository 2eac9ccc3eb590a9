"""The workload of a pipeline, with the assumptions about it."""

from __future__ import annotations

from dataclasses import dataclass

HOURS = 730
SECONDS = HOURS * 3600
DAYS = HOURS / 24


@dataclass(frozen=True)
class Workload:
    """The workload and the assumptions about it.

    Attributes:
        rate: events per second, day and night.
        batch: events per request.
        length: values per sequence.
        memory_mb: of the serverless endpoint.
        inference_ms: the endpoint's time for a request, regardless of its number of events.
        months: retention of predictions, unless they expire after some days.
        queries: per day, each over the predictions of one day.
        readers: of the QuickSight dashboard.
        buffer_seconds: of Firehose.
        wait: whether producers wait for the predictions, which are then in the responses.
        labels: per day, each posted by a request of its own.
        alert_sensors: number of sensors that alert rules watch; they send all events. 0 without rules.
        retention_days: days until predictions expire; 0 if they do not.
        shadow: whether a shadow scores all events as well, as fast as the model.
    """

    rate: float
    batch: int = 1
    length: int = 3
    memory_mb: int = 2048
    inference_ms: float = 25
    months: float = 1
    queries: float = 100
    readers: int = 0
    buffer_seconds: int = 60
    wait: bool = False
    labels: float = 0
    alert_sensors: int = 0
    retention_days: int = 0
    shadow: bool = False

    @property
    def events(self) -> float:
        """Events per month."""
        return self.rate * SECONDS

    @property
    def changes(self) -> float:
        """Changes of the table per month: in the long run, an item expires for each that is stored."""
        return self.predictions * (2 if self.retention_days else 1)

    @property
    def months_kept(self) -> float:
        """How many months of predictions are stored."""
        return self.retention_days / DAYS if self.retention_days else self.months

    @property
    def requests(self) -> float:
        """Requests per month."""
        return self.events / self.batch

    @property
    def runs(self) -> float:
        """Workflows, function calls and endpoint invocations, per month."""
        return self.requests * (2 if self.shadow else 1)

    @property
    def predictions(self) -> float:
        """Stored predictions per month."""
        return self.events * (2 if self.shadow else 1)

    @property
    def evaluations(self) -> float:
        """Evaluations of alert rules per month, one a minute."""
        return SECONDS / 60 if self.alert_sensors else 0

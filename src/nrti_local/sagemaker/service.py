"""The SageMaker of one account in one region."""

from __future__ import annotations

import asyncio

from nrti_local.sagemaker.batch.jobs import transform_jobs
from nrti_local.sagemaker.logs import Logs
from nrti_local.sagemaker.metrics import Metrics
from nrti_local.sagemaker.serving.endpoints import Endpoints
from nrti_local.sagemaker.settings import Settings
from nrti_local.sagemaker.store import Store
from nrti_local.sagemaker.training.jobs import training_jobs
from nrti_local.sagemaker.training.measurements import Measurements
from nrti_local.server.shared.api_model import ApiModel


class Service:
    """The state and the workers of one SageMaker; created and used in the event loop's thread only."""

    def __init__(self, settings: Settings, api: ApiModel) -> None:
        self.settings = settings
        self.api = api
        self.store = Store(settings.database)
        self.logs = Logs(settings.clients)
        self.metrics = Metrics(settings.clients)
        self.measurements = Measurements(settings.clients)
        self.training_jobs = training_jobs(settings, self.store, self.logs, self.measurements)
        self.transform_jobs = transform_jobs(settings, self.store, self.logs)
        self.endpoints = Endpoints(settings, self.store, self.logs)
        self._shipping: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Restores what the previous run left."""
        shippers = (self.logs, self.metrics, self.measurements)
        self._shipping = [asyncio.create_task(shipper.run()) for shipper in shippers]
        self.training_jobs.recover()
        self.transform_jobs.recover()
        self.endpoints.restore()

    async def stop(self) -> None:
        """Ends every process, and sends the collected logs and metrics."""
        await asyncio.gather(self.training_jobs.close(), self.transform_jobs.close(), self.endpoints.close())
        for task in self._shipping:
            task.cancel()
        await asyncio.gather(self.logs.flush(), self.metrics.flush(), self.measurements.flush())
        self.store.close()

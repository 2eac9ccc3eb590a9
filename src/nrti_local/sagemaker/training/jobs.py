"""The training jobs of one account in one region."""

from __future__ import annotations

import asyncio
from functools import partial

from nrti_local.sagemaker.jobs import Jobs
from nrti_local.sagemaker.logs import Logs, LogStream
from nrti_local.sagemaker.settings import Settings
from nrti_local.sagemaker.store import Document, Store
from nrti_local.sagemaker.training.job import TrainingJob
from nrti_local.sagemaker.training.measurements import Measurements
from nrti_local.sagemaker.training.workspace import HOST, Workspace

KIND = "training-job"
_LOG_GROUP = "/aws/sagemaker/TrainingJobs"


def training_jobs(settings: Settings, store: Store, logs: Logs, measurements: Measurements) -> Jobs:
    """Returns the jobs; none runs yet."""

    def make(document: Document) -> TrainingJob:
        name = document["TrainingJobName"]
        stream = LogStream(_LOG_GROUP, f"{name}/{HOST}-{int(document['CreationTime'])}")
        return TrainingJob(
            document,
            Workspace(settings.jobs / name, settings.clients),
            save=partial(store.put, KIND, name),
            write=partial(logs.write, stream),
            measure=partial(measurements.add, name),
        )

    async def flush() -> None:
        await asyncio.gather(logs.flush(), measurements.flush())

    return Jobs(KIND, settings.jobs, store, make, flush)

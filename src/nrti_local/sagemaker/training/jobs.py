"""All training jobs: as many at a time as there are cores, the others wait."""

from __future__ import annotations

import asyncio
import os
import shutil
from functools import partial

from nrti_local.sagemaker.errors import INTERRUPTED, unforeseen
from nrti_local.sagemaker.logs import Logs, LogStream
from nrti_local.sagemaker.settings import Settings
from nrti_local.sagemaker.store import Document, Store
from nrti_local.sagemaker.training.execution import Ending
from nrti_local.sagemaker.training.job import JobFailedError, TrainingJob
from nrti_local.sagemaker.training.measurements import Measurements
from nrti_local.sagemaker.training.workspace import HOST, Workspace
from nrti_local.server.disk import shortage

KIND = "training-job"
_LOG_GROUP = "/aws/sagemaker/TrainingJobs"


class Jobs:
    """Runs training jobs and keeps their descriptions in the store."""

    def __init__(self, settings: Settings, store: Store, logs: Logs, measurements: Measurements) -> None:
        self._settings = settings
        self._measurements = measurements
        self._store = store
        self._logs = logs
        self._slots = asyncio.Semaphore(os.cpu_count() or 1)
        self._running: dict[str, tuple[TrainingJob, asyncio.Task[None]]] = {}

    def start(self, document: Document) -> None:
        """Begins a job; its document must have a name, an ARN and what the request said."""
        name = document["TrainingJobName"]
        job = self._job(document)
        job.enter("Starting", "Launching requested ML instances")
        task = asyncio.create_task(self._run(job), name=name)
        self._running[name] = job, task
        task.add_done_callback(lambda _: self._running.pop(name, None))

    def stop(self, name: str) -> None:
        """Ends a running job early; a job that still waits for a core ends at once."""
        job, task = self._running[name]
        waiting = job.document["SecondaryStatus"] == "Starting"
        job.stop()
        if waiting:
            task.cancel()

    async def close(self) -> None:
        """Kills every job; `recover` tells about them at the next start."""
        tasks = [task for _, task in self._running.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def recover(self) -> None:
        """Fails the jobs that were running when this program last ended."""
        shutil.rmtree(self._settings.jobs, ignore_errors=True)
        for document in self._store.all(KIND):
            if document["TrainingJobStatus"] in {"InProgress", "Stopping"}:
                self._job(document).finish("Failed", "Failed", "Training job failed", INTERRUPTED)

    def _job(self, document: Document) -> TrainingJob:
        name = document["TrainingJobName"]
        stream = LogStream(_LOG_GROUP, f"{name}/{HOST}-{int(document['CreationTime'])}")
        return TrainingJob(
            document,
            self._workspace(name),
            save=partial(self._store.put, KIND, name),
            write=partial(self._logs.write, stream),
            measure=partial(self._measurements.add, name),
        )

    def _workspace(self, name: str) -> Workspace:
        return Workspace(self._settings.jobs / name, self._settings.clients)

    async def _run(self, job: TrainingJob) -> None:
        workspace = self._workspace(job.document["TrainingJobName"])
        try:
            async with self._slots:
                ending = await job.run()
                await self._flush()
        except JobFailedError as failure:
            await self._flush()
            told = shortage(self._settings.jobs)
            reason = f"{failure}; {told}" if told else str(failure)
            job.finish("Failed", "Failed", "Training job failed", reason)
        except asyncio.CancelledError:
            if job.document["TrainingJobStatus"] != "Stopping":
                raise
            job.finish("Stopped", "Stopped", "Training job stopped")
        except Exception as error:  # noqa: BLE001 - `unforeseen` logs it
            reason = unforeseen(f"training job {job.document['TrainingJobName']}", error)
            job.finish("Failed", "Failed", "Training job failed", f"InternalServerError: {reason}")
        else:
            job.finish(*_LAST_STATUS[ending])
        finally:
            await asyncio.to_thread(workspace.remove)

    async def _flush(self) -> None:
        """Whoever follows the log, or asks for the metrics at the end, must not miss the last ones."""
        await asyncio.gather(self._logs.flush(), self._measurements.flush())


_LAST_STATUS = {
    Ending.EXITED: ("Completed", "Completed", "Training job completed"),
    Ending.STOPPED: ("Stopped", "Stopped", "Training job stopped"),
    Ending.OVERTIME: ("Stopped", "MaxRuntimeExceeded", "Training job exceeded MaxRuntimeInSeconds"),
}

"""All transform jobs: as many at a time as there are cores, the others wait."""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
from functools import partial
from typing import Any

from nrti_local.sagemaker.batch.job import TransformFailedError, TransformJob
from nrti_local.sagemaker.clock import now
from nrti_local.sagemaker.errors import INTERRUPTED, unforeseen
from nrti_local.sagemaker.logs import Logs, LogStream
from nrti_local.sagemaker.settings import Settings
from nrti_local.sagemaker.store import Document, Store
from nrti_local.server.disk import shortage

KIND = "transform-job"
_LOG_GROUP = "/aws/sagemaker/TransformJobs"
_REASON_CHARACTERS = 1024


class TransformJobs:
    """Runs transform jobs and keeps their descriptions in the store."""

    def __init__(self, settings: Settings, store: Store, logs: Logs) -> None:
        self._settings = settings
        self._store = store
        self._logs = logs
        self._slots = asyncio.Semaphore(os.cpu_count() or 1)
        self._running: dict[str, tuple[Document, asyncio.Task[None]]] = {}

    def start(self, document: Document) -> None:
        """Begins a job; its document must have a name, an ARN and what the request said."""
        name = document["TransformJobName"]
        self._change(document, TransformJobStatus="InProgress")
        task = asyncio.create_task(self._run(document), name=name)
        self._running[name] = document, task
        task.add_done_callback(lambda _: self._running.pop(name, None))

    def stop(self, name: str) -> None:
        """Ends a running job; the objects that it has transformed stay."""
        document, task = self._running[name]
        self._change(document, TransformJobStatus="Stopping")
        task.cancel()

    async def close(self) -> None:
        """Ends every job; `recover` tells about them at the next start."""
        tasks = [task for _, task in self._running.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def recover(self) -> None:
        """Fails the jobs that were running when this program last ended."""
        shutil.rmtree(self._settings.transforms, ignore_errors=True)
        for document in self._store.all(KIND):
            if document["TransformJobStatus"] in {"InProgress", "Stopping"}:
                self._finish(document, "Failed", FailureReason=INTERRUPTED)

    async def _run(self, document: Document) -> None:
        job = self._job(document)
        try:
            async with self._slots:
                job.root.mkdir(parents=True)
                self._change(document, TransformStartTime=now())
                await job.run()
            await self._logs.flush()  # whoever follows the log must not miss its end
        except TransformFailedError as error:
            await self._logs.flush()
            told = shortage(self._settings.transforms)
            reason = f"{error}; {told}" if told else str(error)
            self._finish(document, "Failed", FailureReason=reason[:_REASON_CHARACTERS])
        except asyncio.CancelledError:
            if document["TransformJobStatus"] != "Stopping":
                raise
            self._finish(document, "Stopped")
        except Exception as error:  # noqa: BLE001 - `unforeseen` logs it
            reason = unforeseen(f"transform job {document['TransformJobName']}", error)
            self._finish(document, "Failed", FailureReason=f"InternalServerError: {reason}")
        else:
            self._finish(document, "Completed")
        finally:
            await asyncio.to_thread(shutil.rmtree, job.root, ignore_errors=True)

    def _job(self, document: Document) -> TransformJob:
        name = document["TransformJobName"]
        stream = f"{name}/i-{secrets.token_hex(8)}-{int(document['CreationTime'])}"
        model, data = (LogStream(_LOG_GROUP, each) for each in (stream, f"{stream}/data-log"))
        return TransformJob(
            document,
            self._settings.transforms / name,
            self._settings.clients,
            write=partial(self._logs.write, model),
            tell=lambda line: self._logs.write(data, f"[sagemaker logs]: {line}"),
        )

    def _finish(self, document: Document, status: str, **members: Any) -> None:
        self._change(document, TransformJobStatus=status, TransformEndTime=now(), **members)

    def _change(self, document: Document, **members: Any) -> None:
        document.update(members, LastModifiedTime=now())
        self._store.put(KIND, document["TransformJobName"], document)

"""Runs jobs of one kind: as many at once as there are cores, while the others wait."""

from __future__ import annotations

import asyncio
import os
import shutil
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import ClassVar

from nrti_local.sagemaker.errors import INTERRUPTED, internal_error
from nrti_local.sagemaker.store import Document, Store
from nrti_local.server.disk import shortage


class JobFailedError(Exception):
    """A job failed; the text is its FailureReason."""


class Job(ABC):
    """A job of one kind.

    Attributes:
        document: its description; its status is kept there.
        root: its private directory.
    """

    #: How the names of its members begin: `TrainingJob` of `TrainingJobName`.
    member: ClassVar[str]
    document: Document
    root: Path

    @property
    def name(self) -> str:
        """The job's name."""
        return str(self.document[f"{self.member}Name"])

    @property
    def status(self) -> str:
        """InProgress, Stopping, or a final status."""
        return str(self.document[f"{self.member}Status"])

    @abstractmethod
    def begin(self) -> None:
        """Sets the first status."""

    @abstractmethod
    async def run(self) -> str:
        """Does the job's work.

        Returns:
            How it ended, for `finish`.

        Raises:
            JobFailedError: it failed.
        """

    @abstractmethod
    def stop(self) -> bool:
        """Starts to stop the job; returns whether `run` must be cancelled."""

    @abstractmethod
    def finish(self, ending: str, reason: str = "") -> None:
        """Sets the last status.

        Args:
            ending: `Completed`, `Stopped`, `Failed`, or what `run` returned.
            reason: the FailureReason, if it failed.
        """


class Jobs:
    """The jobs of one kind; their descriptions are in the store.

    Args:
        kind: the kind of the documents in the store, such as `training-job`.
        directory: contains a directory for each running job.
        store: the descriptions of jobs.
        make: creates a job from its description.
        flush: sends the collected logs and metrics.
    """

    def __init__(
        self,
        kind: str,
        directory: Path,
        store: Store,
        make: Callable[[Document], Job],
        flush: Callable[[], Awaitable[object]],
    ) -> None:
        self._kind, self._directory, self._store = kind, directory, store
        self._make, self._flush = make, flush
        self._slots = asyncio.Semaphore(os.cpu_count() or 1)
        self._running: dict[str, tuple[Job, asyncio.Task[None]]] = {}

    def start(self, document: Document) -> None:
        """Begins a job; its document has a name, an ARN and the members of the request."""
        job = self._make(document)
        job.begin()
        task = asyncio.create_task(self._run(job), name=job.name)
        self._running[job.name] = job, task
        task.add_done_callback(lambda _: self._running.pop(job.name, None))

    def stop(self, name: str) -> None:
        """Stops a running job; what it has uploaded stays."""
        job, task = self._running[name]
        if job.stop():
            task.cancel()

    async def close(self) -> None:
        """Kills every job; the next `recover` fails them."""
        tasks = [task for _, task in self._running.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def recover(self) -> None:
        """Fails the jobs that were running when this program last ended."""
        shutil.rmtree(self._directory, ignore_errors=True)
        for job in map(self._make, self._store.all(self._kind)):
            if job.status in {"InProgress", "Stopping"}:
                job.finish("Failed", INTERRUPTED)

    async def _run(self, job: Job) -> None:
        try:
            async with self._slots:
                ending = await job.run()
            await self._flush()  # the log must be complete when the job has ended
        except JobFailedError as failure:
            await self._flush()
            job.finish("Failed", self._reason(failure))
        except asyncio.CancelledError:
            if job.status != "Stopping":
                raise
            job.finish("Stopped")
        except Exception as error:  # noqa: BLE001 - `internal_error` logs it
            reason = internal_error(f"{self._kind.replace('-', ' ')} {job.name}", error)
            job.finish("Failed", f"InternalServerError: {reason}")
        else:
            job.finish(ending)
        finally:
            await asyncio.to_thread(shutil.rmtree, job.root, ignore_errors=True)

    def _reason(self, failure: JobFailedError) -> str:
        full = shortage(self._directory)
        return f"{failure}; {full}" if full else str(failure)

"""One training job, from Starting to its end."""

from __future__ import annotations

import asyncio
import math
import re
import sys
from collections import deque
from collections.abc import Callable
from pathlib import PurePath

from nrti_local.sagemaker import artifacts
from nrti_local.sagemaker.artifacts import TransferError
from nrti_local.sagemaker.clock import now
from nrti_local.sagemaker.jobs import Job, JobFailedError
from nrti_local.sagemaker.store import Document
from nrti_local.sagemaker.training import container, failure
from nrti_local.sagemaker.training.environment import environment
from nrti_local.sagemaker.training.execution import Command, Ending, execute
from nrti_local.sagemaker.training.hyperparameters import Hyperparameters
from nrti_local.sagemaker.training.workspace import Workspace

#: The final status and its message, by the final secondary status.
_ENDINGS = {
    "Completed": ("Completed", "Training job completed"),
    "Failed": ("Failed", "Training job failed"),
    "MaxRuntimeExceeded": ("Stopped", "Training job exceeded MaxRuntimeInSeconds"),
    "Stopped": ("Stopped", "Training job stopped"),
}
_SECONDARY = {
    Ending.EXITED: "Completed",
    Ending.STOPPED: "Stopped",
    Ending.OVERTIME: "MaxRuntimeExceeded",
}


class TrainingJob(Job):
    """A training job.

    Args:
        document: the job's description; its status is kept there.
        workspace: its private directory.
        save: stores the document; called after each change.
        write: logs a line.
        measure: records a metric from the log, by name and value.
    """

    member = "TrainingJob"

    def __init__(
        self,
        document: Document,
        workspace: Workspace,
        save: Callable[[Document], None],
        write: Callable[[str], None],
        measure: Callable[[str, float], None],
    ) -> None:
        self.document = document
        self.root = workspace.root
        self._workspace = workspace
        self._save = save
        self._write = write
        self._measured = measure
        self._own_entry_point = container.has_entry_point(document)
        self._stop = asyncio.Event()
        self._last_lines: deque[str] = deque(maxlen=20)
        self._metrics = [
            (metric["Name"], re.compile(metric["Regex"]))
            for metric in document["AlgorithmSpecification"].get("MetricDefinitions", [])
        ]

    def begin(self) -> None:
        """Sets the secondary status Starting."""
        self._enter("Starting", "Launching requested ML instances")

    def stop(self) -> bool:
        """Ends the script and keeps its results; a job that waits for a core must be cancelled."""
        waiting = bool(self.document["SecondaryStatus"] == "Starting")
        self.document["TrainingJobStatus"] = "Stopping"
        self._enter("Stopping", "Stopping the training job")
        self._stop.set()
        return waiting

    async def run(self) -> str:
        """Downloads the inputs, trains, and uploads the results.

        Returns:
            The final secondary status.

        Raises:
            JobFailedError: it failed.
        """
        self._enter("Downloading", "Downloading input data")
        await self._fill()
        ending, status = Ending.STOPPED, 0
        if not self._stop.is_set():
            self._enter("Training", "Training image download completed. Training in progress.")
            ending, status = await self._train()
        if not self._stop.is_set():
            self._enter("Uploading", "Uploading generated training model")
        await self._upload(with_model=status == 0 or ending is not Ending.EXITED)
        if status and ending is Ending.EXITED:
            raise JobFailedError(self._failure(status))
        return _SECONDARY[ending]

    async def _fill(self) -> None:
        if not self._own_entry_point and not Hyperparameters.of(self.document).program:
            raise JobFailedError(
                "ClientError: the local SageMaker runs no images: name sagemaker_program and "
                "sagemaker_submit_directory in the hyperparameters (script mode), or a ContainerEntrypoint"
            )
        try:
            await asyncio.to_thread(self._workspace.fill, self.document)
        except TransferError as error:
            raise JobFailedError(f"ClientError: Data download failed:{error}") from error
        try:
            await asyncio.to_thread(
                artifacts.install_requirements,
                self._workspace.code,
                self._workspace.packages,
                self.document.get("Environment", {}),
            )
        except TransferError as error:
            raise JobFailedError(failure.algorithm_error(str(error))) from error
        if self._own_entry_point:
            container.relocate_drivers(self._workspace)

    async def _train(self) -> tuple[Ending, int]:
        begun = self.document["TrainingStartTime"] = now()
        limit = self.document["StoppingCondition"]["MaxRuntimeInSeconds"]
        make = container.environment if self._own_entry_point else environment
        command = Command(self._words(), make(self.document, self._workspace), self._workspace.code)
        outcome = await execute(command, self._line, self._stop, limit)
        seconds = max(1, round(now() - begun))
        self.document.update(TrainingTimeInSeconds=seconds, BillableTimeInSeconds=seconds)
        return outcome

    async def _upload(self, *, with_model: bool) -> None:
        try:
            await asyncio.to_thread(self._workspace.upload_output, self.document)
            if with_model:
                url = await asyncio.to_thread(self._workspace.upload_model, self.document)
                self.document["ModelArtifacts"] = {"S3ModelArtifacts": url}
        except TransferError as error:
            raise JobFailedError(f"ClientError: Artifact upload failed:{error}") from error

    def _words(self) -> list[str]:
        if self._own_entry_point:
            return container.command(self.document, self._workspace)
        parameters = Hyperparameters.of(self.document)
        script = PurePath(parameters.program)
        start = ["/bin/sh"] if script.suffix == ".sh" else [sys.executable]
        return [*start, str(script), *parameters.arguments()]

    def _line(self, line: str) -> None:
        self._write(line)
        self._last_lines.append(line)
        for name, expression in self._metrics:
            found = expression.search(line)
            if found:
                self._measure(name, found.group(1))

    def _measure(self, name: str, text: str) -> None:
        try:
            value = float(text)
        except ValueError:
            return
        if not math.isfinite(value):  # CloudWatch rejects such values
            return
        self._measured(name, value)
        kept = [m for m in self.document.get("FinalMetricDataList", []) if m["MetricName"] != name]
        self.document["FinalMetricDataList"] = [
            *kept,
            {"MetricName": name, "Value": value, "Timestamp": now()},
        ]

    def _failure(self, status: int) -> str:
        written = self._workspace.output / "failure"
        if self._own_entry_point:
            return failure.of_container(written, status, self._last_lines)
        return failure.of_script(written, status, self._words(), self._last_lines)

    def _enter(self, status: str, message: str) -> None:
        """Moves to the next secondary status."""
        time = now()
        transitions = self.document.setdefault("SecondaryStatusTransitions", [])
        if transitions:
            transitions[-1].setdefault("EndTime", time)
        transitions.append({"Status": status, "StartTime": time, "StatusMessage": message})
        self.document.update(SecondaryStatus=status, LastModifiedTime=time)
        self._save(self.document)

    def finish(self, ending: str, reason: str = "") -> None:
        """Sets the final status."""
        status, message = _ENDINGS[ending]
        self.document.update(TrainingJobStatus=status, TrainingEndTime=now())
        if reason:
            self.document["FailureReason"] = reason
        self._enter(ending, message)
        self.document["SecondaryStatusTransitions"][-1]["EndTime"] = now()
        self._save(self.document)

"""A transform job: sends the records of every input object to the model."""

from __future__ import annotations

import gzip
import zlib
from asyncio import to_thread
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, cast

from nrti_local.sagemaker import artifacts
from nrti_local.sagemaker.artifacts import S3Object, TransferError
from nrti_local.sagemaker.batch.jsonpath import FilterError
from nrti_local.sagemaker.batch.processing import Processing
from nrti_local.sagemaker.batch.records import MEGABYTE, RecordError, payloads
from nrti_local.sagemaker.clients import Clients
from nrti_local.sagemaker.clock import now
from nrti_local.sagemaker.jobs import Job, JobFailedError
from nrti_local.sagemaker.serving import bundle
from nrti_local.sagemaker.serving.errors import ModelTimeoutError, NotReadyError, ReplicaError
from nrti_local.sagemaker.serving.replica import Replica
from nrti_local.sagemaker.store import Document

CONTAINER = "Container"
_START_SECONDS = 180.0
#: The longest FailureReason, in characters.
_LONGEST_REASON = 1024
#: AWS's defaults.
_PAYLOAD_MEGABYTES, _TIMEOUT_SECONDS, _RETRIES = 6, 600, 3


@dataclass
class TransformJob(Job):
    """A transform job.

    Attributes:
        document: the job's description, and the container of its model.
        root: the job's private directory.
        clients: the clients of the job's account.
        save: stores the document; called after each change.
        write: logs a line of the model's output.
        log_data: logs a line about the job's data.
    """

    member = "TransformJob"
    document: Document
    root: Path
    clients: Clients
    save: Callable[[Document], None]
    write: Callable[[str], None]
    log_data: Callable[[str], None]
    _failures: list[str] = field(default_factory=list, init=False)

    def begin(self) -> None:
        """Sets the status InProgress."""
        self._change(TransformJobStatus="InProgress")

    def stop(self) -> bool:
        """Sets the status Stopping; `run` must be cancelled."""
        self._change(TransformJobStatus="Stopping")
        return True

    def finish(self, ending: str, reason: str = "") -> None:
        """Sets the final status."""
        failure = {"FailureReason": reason[:_LONGEST_REASON]} if reason else {}
        self._change(TransformJobStatus=ending, TransformEndTime=now(), **failure)

    def _change(self, **members: Any) -> None:
        self.document.update(members, LastModifiedTime=now())
        self.save(self.document)

    async def run(self) -> str:
        """Transforms all objects; continues after an object that cannot be transformed.

        Raises:
            JobFailedError: there is no input or no model, or some objects could not be transformed.
        """
        self.root.mkdir(parents=True)
        self._change(TransformStartTime=now())
        self._describe()
        objects = await self._objects()
        replica = await self._model()
        try:
            for found in objects:
                await self._object(replica, found)
        finally:
            await replica.stop()
        if self._failures:
            failed = f"{len(self._failures)} of {len(objects)} objects"
            raise JobFailedError(
                f"AlgorithmError: See job logs for more information. {failed} failed: {self._failures[0]}"
            )
        return "Completed"

    def _describe(self) -> None:
        strategy = "MULTI_RECORD" if self._many else "SINGLE_RECORD"
        self.log_data(
            f"MaxConcurrentTransforms=1, MaxPayloadInMB={self._megabytes}, BatchStrategy={strategy}"
        )

    async def _objects(self) -> list[S3Object]:
        url = self.document["TransformInput"]["DataSource"]["S3DataSource"]["S3Uri"]
        try:
            found = await to_thread(lambda: list(artifacts.find(self.clients, url)))
        except TransferError as error:
            raise JobFailedError(f"ClientError: {error}") from error
        if not found:
            raise JobFailedError(
                f'ClientError: No S3 objects found under S3 URL "{url}" given in input data source.'
            )
        return found

    async def _model(self) -> Replica:
        container = {**self.document[CONTAINER]}
        container["Environment"] = {**container.get("Environment", {}), **self._environment()}
        try:
            model = await to_thread(bundle.fetch, container, self.root / "models", self.clients)
        except TransferError as error:
            raise JobFailedError(f"ClientError: {error}") from error
        replica = Replica(model.environment(), model.code, self.write)
        try:
            await replica.start(_START_SECONDS)
        except (ReplicaError, OSError) as error:
            self.write(f"the model did not start: {error}")
            raise JobFailedError(
                "AlgorithmError: See job logs for more information. The model did not start."
            ) from error
        return replica

    def _environment(self) -> dict[str, str]:
        """Returns the job's variables, and those that AWS sets for batch transform."""
        return {
            **self.document.get("Environment", {}),
            "SAGEMAKER_BATCH": "true",
            "SAGEMAKER_BATCH_STRATEGY": "MULTI_RECORD" if self._many else "SINGLE_RECORD",
            "SAGEMAKER_MAX_PAYLOAD_IN_MB": str(self._megabytes),
            "SAGEMAKER_MAX_CONCURRENT_TRANSFORMS": str(self.document.get("MaxConcurrentTransforms", 1)),
        }

    async def _object(self, replica: Replica, found: S3Object) -> None:
        source, result = self.root / "input", self.root / "output"
        place = f"{found.bucket}/{found.key}"
        try:
            await to_thread(artifacts.fetch, self.clients, found, source)
            await self._transform(replica, source, result)
            url = f"{self.document['TransformOutput']['S3OutputPath'].rstrip('/')}/{found.path}.out"
            await to_thread(artifacts.upload, self.clients, result, url)
        except (RecordError, FilterError, TransferError, OSError) as error:
            for line in str(error).splitlines():
                self.log_data(f"{place}: {line}")
            self._failures.append(f"{place}: {str(error).splitlines()[0]}")

    async def _transform(self, replica: Replica, source: Path, result: Path) -> None:
        processing = Processing.of(self.document)
        line = self.document["TransformOutput"].get("AssembleWith") == "Line"
        with self._opened(source) as opened, result.open("wb") as output:
            for records in payloads(
                opened, lines=self._lines, many=self._many, limit=self._megabytes * MEGABYTE
            ):
                request = b"\n".join(map(processing.model_input, records))
                piece = processing.assemble(records, await self._ask(replica, request))
                output.write(piece)
                if line and not piece.endswith(b"\n"):
                    output.write(b"\n")

    @contextmanager
    def _opened(self, path: Path) -> Iterator[BinaryIO]:
        zipped = self.document["TransformInput"].get("CompressionType") == "Gzip"
        try:
            with cast("BinaryIO", gzip.open(path) if zipped else path.open("rb")) as opened:
                yield opened
        except (gzip.BadGzipFile, EOFError, zlib.error) as error:
            raise RecordError(f"cannot be decompressed: {error}") from error

    async def _ask(self, replica: Replica, body: bytes) -> bytes:
        client = self.document.get("ModelClientConfig", {})
        seconds = client.get("InvocationsTimeoutInSeconds", _TIMEOUT_SECONDS)
        attempt = partial(self._attempt, replica, body, seconds)
        for _ in range(client.get("InvocationsMaxRetries", _RETRIES)):
            status, answer = await attempt()
            if status < 500:
                break
        else:
            status, answer = await attempt()
        if status >= 300:
            message = answer.decode(errors="replace")
            raise RecordError(f"Bad HTTP status received from algorithm: {status}\nMessage: {message}")
        return answer

    async def _attempt(self, replica: Replica, body: bytes, seconds: float) -> tuple[int, bytes]:
        header = {
            "content_type": self.document["TransformInput"].get("ContentType", ""),
            "accept": self.document["TransformOutput"].get("Accept", ""),
        }
        try:
            head, content = await replica.ask(header, body, seconds)
        except ModelTimeoutError:
            return 504, f"the model did not answer in {seconds} s".encode()
        except (NotReadyError, ReplicaError) as error:
            return 503, (str(error) or "the model is not ready").encode()
        return head["status"], content

    @property
    def _lines(self) -> bool:
        return bool(self.document["TransformInput"].get("SplitType") == "Line")

    @property
    def _many(self) -> bool:
        return bool(self.document.get("BatchStrategy", "MultiRecord") == "MultiRecord")

    @property
    def _megabytes(self) -> int:
        return int(self.document.get("MaxPayloadInMB", _PAYLOAD_MEGABYTES))

"""What serves an endpoint: its production variants, each with a worker."""

from __future__ import annotations

import asyncio
import random
import secrets
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from nrti_local.sagemaker.artifacts import TransferError
from nrti_local.sagemaker.logs import Logs, LogStream
from nrti_local.sagemaker.serving import bundle
from nrti_local.sagemaker.serving.connection import Message
from nrti_local.sagemaker.serving.errors import ReplicaError, ThrottledError
from nrti_local.sagemaker.serving.plan import Plan
from nrti_local.sagemaker.serving.replica import INVOCATION_SECONDS, Replica
from nrti_local.sagemaker.settings import Settings

_START_SECONDS = 180.0
_DRAIN_SECONDS = INVOCATION_SECONDS
_INSTANCE_CONCURRENCY = 1000
SERVERLESS_PAYLOAD_BYTES, INSTANCE_PAYLOAD_BYTES = 4 * 1024 * 1024, 6 * 1024 * 1024


class DeploymentError(Exception):
    """The endpoint cannot be brought into service; the text is its FailureReason."""


@dataclass
class Variant:
    """A production variant in service.

    Attributes:
        name: VariantName.
        weight: its share of the traffic, relative to the others'.
        root: the directory of its model.
        concurrency: the requests that it takes at a time.
        payload: the bytes that a request or an answer may have.
        replica: its worker.
        busy: the requests that it is at.
    """

    name: str
    weight: float
    root: Path
    concurrency: int
    payload: int
    replica: Replica
    busy: int = 0

    async def ask(self, header: dict[str, Any], body: bytes) -> Message:
        """Has the model answer a request.

        Raises:
            ThrottledError: it is at as many requests as it may be.
            NotReadyError: see `Replica.ask`, as for ModelTimeoutError and ReplicaError.
        """
        if self.busy >= self.concurrency:
            raise ThrottledError
        self.busy += 1
        try:
            return await self.replica.ask(header, body)
        finally:
            self.busy -= 1


class Deployment:
    """The variants of an endpoint configuration, in service."""

    def __init__(self, variants: list[Variant]) -> None:
        self.variants = variants

    @classmethod
    async def start(cls, endpoint: str, plan: Plan, settings: Settings, logs: Logs) -> Deployment:
        """Brings every variant of a plan up.

        Args:
            endpoint: its name.
            plan: the production variants, each with the `Container` of its model.
            settings: whose models, and where they are extracted.
            logs: where the workers' lines go.

        Raises:
            DeploymentError: one does not come up; none is left running.
        """
        variants: list[Variant] = []
        try:
            for planned in plan:
                variants.append(await _variant(endpoint, planned, settings, logs))  # noqa: PERF401 - see except
        except (DeploymentError, asyncio.CancelledError):
            await cls(variants).stop()
            raise
        return cls(variants)

    def choose(self, name: str) -> Variant | None:
        """The variant of that name, or one by weight if the name is empty."""
        if name:
            return next((variant for variant in self.variants if variant.name == name), None)
        weights = [variant.weight for variant in self.variants]
        return random.choices(self.variants, weights if any(weights) else None)[0]  # noqa: S311

    async def drain(self) -> None:
        """Waits until the requests that are under way have been answered, then stops."""
        deadline = asyncio.get_running_loop().time() + _DRAIN_SECONDS
        while any(v.busy for v in self.variants) and asyncio.get_running_loop().time() < deadline:
            await asyncio.sleep(0.05)
        await self.stop()

    async def stop(self) -> None:
        """Ends the workers."""
        await asyncio.gather(*(variant.replica.stop() for variant in self.variants))


async def _variant(endpoint: str, planned: dict[str, Any], settings: Settings, logs: Logs) -> Variant:
    name, serverless = planned["VariantName"], planned.get("ServerlessConfig")
    stream = LogStream(f"/aws/sagemaker/Endpoints/{endpoint}", f"{name}/{secrets.token_hex(16)}")
    write = partial(logs.write, stream)
    try:
        model = await asyncio.to_thread(bundle.fetch, planned["Container"], settings.models, settings.clients)
    except TransferError as error:
        raise DeploymentError(str(error)) from error
    replica = Replica(model.environment(), model.code, write)
    try:
        await replica.start(planned.get("ContainerStartupHealthCheckTimeoutInSeconds", _START_SECONDS))
    except (ReplicaError, OSError) as error:
        write(f"the model did not come up: {error}")
        raise DeploymentError(
            f"The primary container for production variant {name} did not pass the ping health check. "
            "Please check CloudWatch logs for this endpoint."
        ) from error
    return Variant(
        name=name,
        weight=planned.get("InitialVariantWeight", 1.0),
        root=model.root,
        concurrency=serverless["MaxConcurrency"] if serverless else _INSTANCE_CONCURRENCY,
        payload=SERVERLESS_PAYLOAD_BYTES if serverless else INSTANCE_PAYLOAD_BYTES,
        replica=replica,
    )

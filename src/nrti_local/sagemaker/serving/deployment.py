"""A deployment of an endpoint: its production variants, each with a worker."""

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
from nrti_local.sagemaker.serving.deployment_spec import DeploymentSpec
from nrti_local.sagemaker.serving.errors import ReplicaError, ThrottledError
from nrti_local.sagemaker.serving.replica import INVOCATION_SECONDS, Replica
from nrti_local.sagemaker.settings import Settings

_START_SECONDS = 180.0
_DRAIN_SECONDS = INVOCATION_SECONDS
_INSTANCE_CONCURRENCY = 1000
SERVERLESS_PAYLOAD_BYTES, INSTANCE_PAYLOAD_BYTES = 4 * 1024 * 1024, 6 * 1024 * 1024


class DeploymentError(Exception):
    """The endpoint cannot be deployed; the text is its FailureReason."""


@dataclass
class Variant:
    """A production variant in service.

    Attributes:
        name: VariantName.
        weight: its share of the traffic, relative to the others.
        root: the directory of the model.
        concurrency: the largest number of concurrent requests.
        payload: the largest size of a request or a response in bytes.
        replica: the worker.
        active: the number of current requests.
    """

    name: str
    weight: float
    root: Path
    concurrency: int
    payload: int
    replica: Replica
    active: int = 0

    async def ask(self, header: dict[str, Any], body: bytes) -> Message:
        """Sends a request to the model and returns its answer.

        Raises:
            ThrottledError: there are too many concurrent requests.
            NotReadyError: as `Replica.ask` does, and ModelTimeoutError and ReplicaError.
        """
        if self.active >= self.concurrency:
            raise ThrottledError
        self.active += 1
        try:
            return await self.replica.ask(header, body)
        finally:
            self.active -= 1


class Deployment:
    """The variants of an endpoint configuration, in service."""

    def __init__(self, variants: list[Variant]) -> None:
        self.variants = variants

    @classmethod
    async def start(cls, endpoint: str, spec: DeploymentSpec, settings: Settings, logs: Logs) -> Deployment:
        """Starts every variant.

        Args:
            endpoint: the endpoint's name.
            spec: the production variants, each with the `Container` of its model.
            settings: the account, and the directory for models.
            logs: receives the workers' output.

        Raises:
            DeploymentError: a variant does not start; all others are stopped.
        """
        variants: list[Variant] = []
        try:
            for planned in spec:
                variants.append(await _variant(endpoint, planned, settings, logs))  # noqa: PERF401 - see except
        except (DeploymentError, asyncio.CancelledError):
            await cls(variants).stop()
            raise
        return cls(variants)

    def choose(self, name: str) -> Variant | None:
        """Returns the variant of that name, or a random one by weight if the name is empty."""
        if name:
            return next((variant for variant in self.variants if variant.name == name), None)
        weights = [variant.weight for variant in self.variants]
        return random.choices(self.variants, weights if any(weights) else None)[0]  # noqa: S311

    async def drain(self) -> None:
        """Waits until the current requests are answered, then stops."""
        deadline = asyncio.get_running_loop().time() + _DRAIN_SECONDS
        while any(v.active for v in self.variants) and asyncio.get_running_loop().time() < deadline:
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

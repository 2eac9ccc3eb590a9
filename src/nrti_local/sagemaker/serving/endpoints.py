"""The life cycle of endpoints: Creating, InService, Updating, Failed, Deleting."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Coroutine
from typing import Any

from nrti_local.sagemaker.clock import now
from nrti_local.sagemaker.errors import internal_error
from nrti_local.sagemaker.logs import Logs
from nrti_local.sagemaker.serving import bundle
from nrti_local.sagemaker.serving.deployment import Deployment, DeploymentError
from nrti_local.sagemaker.serving.deployment_spec import SPEC, DeploymentSpec, described
from nrti_local.sagemaker.serving.errors import NotReadyError
from nrti_local.sagemaker.settings import Settings
from nrti_local.sagemaker.store import Document, Store

KIND = "endpoint"
_RESTORE_ATTEMPTS, _RESTORE_PAUSE_SECONDS, _RESTORE_WAIT_SECONDS = 5, 2.0, 10.0


class Endpoints:
    """The endpoints of one account in one region."""

    def __init__(self, settings: Settings, store: Store, logs: Logs) -> None:
        self._settings = settings
        self._store = store
        self._logs = logs
        self._serving: dict[str, Deployment] = {}
        self._restoring: dict[str, asyncio.Task[None]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._deploying = 0
        self._pruning = asyncio.Lock()

    async def serving(self, name: str) -> Deployment | None:
        """Returns the deployment of an endpoint, or None; after a restart it waits until that is restored.

        Raises:
            NotReadyError: the endpoint is not restored in time.
        """
        if name not in self._serving and name in self._restoring:
            await asyncio.wait({self._restoring[name]}, timeout=_RESTORE_WAIT_SECONDS)
            if name in self._restoring:
                raise NotReadyError
        return self._serving.get(name)

    def create(self, document: Document, spec: DeploymentSpec) -> None:
        """Starts to create an endpoint."""
        self._change(document, EndpointStatus="Creating", **described(spec))
        self._begin(document, self._create(document["EndpointName"], spec))

    def update(self, document: Document, config: str, spec: DeploymentSpec) -> None:
        """Starts to replace a deployment; the old one serves until the new one is ready."""
        pending = {"EndpointConfigName": config, "StartTime": now()}
        self._change(document, EndpointStatus="Updating", PendingDeploymentSummary=pending)
        self._begin(document, self._update(document["EndpointName"], config, spec))

    def delete(self, document: Document) -> None:
        """Starts to delete an endpoint."""
        self._change(document, EndpointStatus="Deleting")
        self._begin(document, self._delete(document["EndpointName"], document["EndpointArn"]))

    def set_weights(self, document: Document, weights: dict[str, float]) -> None:
        """Sets the weights of an endpoint's variants."""
        deployment = self._serving.get(document["EndpointName"])
        for variant in deployment.variants if deployment else ():
            variant.weight = weights[variant.name]
        self._change(document)

    def restore(self) -> None:
        """Restores the endpoints of the previous run."""
        for document in self._store.all(KIND):
            name, status = document["EndpointName"], document["EndpointStatus"]
            if status == "Deleting":
                self._begin(document, self._delete(name, document["EndpointArn"]))
            elif status != "Failed":
                work = self._create(name, document[SPEC], attempts=_RESTORE_ATTEMPTS)
                task = self._restoring[name] = self._begin(document, work)
                task.add_done_callback(lambda _, name=name: self._restoring.pop(name))  # type: ignore[misc]

    async def close(self) -> None:
        """Ends every worker; the endpoints keep their status, for `restore`."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.gather(*(deployment.stop() for deployment in self._serving.values()))

    async def _create(self, name: str, spec: DeploymentSpec, attempts: int = 1) -> None:
        """Makes several attempts after a restart: other services may start later than this one."""
        for left in reversed(range(attempts)):
            try:
                self._serving[name] = await self._deploy(name, spec)
            except DeploymentError as error:
                if left:
                    await asyncio.sleep(_RESTORE_PAUSE_SECONDS)
                    continue
                self._settle(name, EndpointStatus="Failed", FailureReason=str(error))
            else:
                self._settle(name, EndpointStatus="InService", FailureReason=None)
            return

    async def _update(self, name: str, config: str, spec: DeploymentSpec) -> None:
        """Rolls back on failure as AWS does: the endpoint stays in service as it was, with the reason."""
        former = self._serving.get(name)
        try:
            self._serving[name] = await self._deploy(name, spec)
        except DeploymentError as error:
            self._settle(name, EndpointStatus="InService", FailureReason=str(error))
            return
        members = {"EndpointConfigName": config, "FailureReason": None, **described(spec)}
        self._settle(name, EndpointStatus="InService", **members)
        if former:
            await former.drain()

    async def _delete(self, name: str, arn: str) -> None:
        deployment = self._serving.pop(name, None)
        if deployment:
            await deployment.stop()
        self._store.untag(arn, list(self._store.tags(arn)))
        self._store.delete(KIND, name)

    async def _deploy(self, name: str, spec: DeploymentSpec) -> Deployment:
        self._deploying += 1
        try:
            async with self._pruning:
                pass  # waits for a deletion of models to finish
            return await Deployment.start(name, spec, self._settings, self._logs)
        finally:
            self._deploying -= 1

    def _begin(self, document: Document, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(self._in_turn(document["EndpointName"], work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _in_turn(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        """Makes one change of an endpoint at a time; then deletes models that are not in service."""
        try:
            async with self._turns[name]:
                await work
        except Exception as error:  # noqa: BLE001 - `internal_error` logs it
            reason = f"Request to service failed. {internal_error(f'a change of endpoint {name}', error)}"
            self._settle(name, EndpointStatus="Failed", FailureReason=reason)
        finally:
            work.close()
        async with self._pruning:
            if not self._deploying:
                used = [variant.root for served in self._serving.values() for variant in served.variants]
                await asyncio.to_thread(bundle.prune, self._settings.models, used)

    def _settle(self, name: str, **members: Any) -> None:
        """Records the result of a change; restoring an endpoint unchanged is none."""
        document = self._store.get(KIND, name)
        if document and any(document.get(member) != value for member, value in members.items()):
            document.pop("PendingDeploymentSummary", None)
            self._change(document, **members)

    def _change(self, document: Document, **members: Any) -> None:
        document.update(members, LastModifiedTime=now())
        self._store.put(KIND, document["EndpointName"], document)

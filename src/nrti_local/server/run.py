"""The process of the embedded AWS: ministack, patched, behind the gateway, with its child processes.

Run as `python -m nrti_local.server.run ROOT PORT LOCK`, where LOCK is the descriptor that holds the lock;
`nrti_local.process` does. It binds 127.0.0.1 only.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import shutil
import socket
import stat
import sys
from pathlib import Path
from types import FrameType

import aiohttp
import uvicorn
import uvloop

from nrti_local.durability.acknowledged import ACKNOWLEDGEMENTS
from nrti_local.durability.snapshots import Snapshots
from nrti_local.durability.state import CorruptStateError, State
from nrti_local.errors import Remedy
from nrti_local.ministack.patch import PatchError
from nrti_local.server.asgi import Application
from nrti_local.server.disk import FreeSpace
from nrti_local.server.environment import configure
from nrti_local.server.gateway import Authorization, Gateway
from nrti_local.server.http_protocol import HttpProtocol
from nrti_local.server.listening import bind, listen
from nrti_local.server.processes import lifeline, lock, notes
from nrti_local.server.processes.fatal import give_up
from nrti_local.server.processes.layout import Layout
from nrti_local.server.processes.supervisor import Child
from nrti_local.stepfunctions import lanes

_logger = logging.getLogger(__name__)
_READY_SECONDS = 30.0
#: The thresholds of the garbage collection. Almost all that an event allocates is kept: with Python's own
#: thresholds the server would often stop, for a second and more with many items, and find no garbage.
_COLLECTIONS = 10_000, 10, 1_000
#: The environment of the delivery, whose threads make and drop tables: one heap for all threads and for Arrow
#: takes a third less memory than one for each.
_ONE_HEAP = {"MALLOC_ARENA_MAX": "1", "ARROW_DEFAULT_MEMORY_POOL": "system"}


class _Server(uvicorn.Server):
    """A uvicorn whose shutdown `_stop` orders."""

    def __init__(self, application: Application) -> None:
        super().__init__(
            uvicorn.Config(
                application,
                http=HttpProtocol,
                log_config=None,
                access_log=False,
                date_header=False,
                proxy_headers=False,
                lifespan="on",
            )
        )
        self._loop = asyncio.get_running_loop()
        self.asked_to_stop = asyncio.Event()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002 (uvicorn's signature)
        self._loop.call_soon_threadsafe(self.asked_to_stop.set)


def main() -> None:
    """Runs the embedded AWS until SIGTERM."""
    gc.disable()  # until `_restore` has ended: all that a start allocates stays
    layout, port, held = Layout(Path(sys.argv[1])), int(sys.argv[2]), int(sys.argv[3])
    os.set_inheritable(held, False)
    lock.sign(held)
    if stat.S_ISFIFO(os.fstat(0).st_mode):  # a program in the foreground holds the other end
        lifeline.end_with_parent()
    try:
        state = State(layout.state)
    except CorruptStateError as error:
        give_up(str(error), Remedy.RESET)
    notes.clear(layout)
    shutil.rmtree(layout.scratch, ignore_errors=True)
    layout.scratch.mkdir(parents=True, exist_ok=True)  # a process that is being killed may still write there
    listener = listen(layout, port)
    # This process keeps the port of SageMaker bound, so that no other program gets it before the child.
    with bind(0) as sagemaker, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        configure(layout, listener.getsockname()[1], sagemaker.getsockname()[1])
        runner.run(_serve(layout, state, listener))
    state.journal.close()


async def _serve(layout: Layout, state: State, listener: socket.socket) -> None:
    ministack = _patched_ministack()
    from nrti_local.cloudwatch.alarms import watch as alarms
    from nrti_local.dynamodb import expiry
    from nrti_local.kinesis.arrivals import ARRIVALS
    from nrti_local.s3 import lifecycle
    from nrti_local.server.layers import chain, full_disk
    from nrti_local.stepfunctions.acceptance import ACCEPTANCE

    gateway = Gateway(chain.before(ministack), os.environ["NRTI_LOCAL_SAGEMAKER"], _authorization())
    _restore(state, gateway)
    state.journal.settle = asyncio.get_running_loop().call_soon_threadsafe
    snapshots = Snapshots(state.moment)
    server = _Server(full_disk.before(gateway, FreeSpace(layout.root)))
    sagemaker, delivery = Child("nrti_local.sagemaker"), Child("nrti_local.firehose", _ONE_HEAP)
    sagemaker.start()
    # Clients that waited for a restart send at once: the journal and the models must be ready by then.
    await _answers(os.environ["NRTI_LOCAL_SAGEMAKER"] + "/health")
    ACKNOWLEDGEMENTS.use(lambda: snapshots.take(changed_only=False))
    ACCEPTANCE.use(state.journal, lambda: state.machines, snapshots.take)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    delivery.start()
    ARRIVALS.listen(delivery.notify)
    await _answers(os.environ["AWS_ENDPOINT_URL"] + "/_ministack/health", serving)
    ACCEPTANCE.resume()
    replay = asyncio.create_task(notes.replay(ACCEPTANCE.replay, layout.replaying))
    snapshots.start()
    watching = [asyncio.create_task(each.watch()) for each in (alarms, expiry, lifecycle)]
    await asyncio.sleep(0)  # the progress of the replay is written before the server counts as ready
    notes.ready(layout)
    stopping = asyncio.create_task(server.asked_to_stop.wait())
    await asyncio.wait([serving, stopping], return_when=asyncio.FIRST_COMPLETED)
    for task in (*watching, replay):
        task.cancel()
    await _end(layout, delivery, sagemaker)
    server.should_exit = True
    await serving
    await snapshots.stop()
    await gateway.close()


async def _end(layout: Layout, delivery: Child, sagemaker: Child) -> None:
    """Ends the work in progress, in the order of its dependencies.

    The delivery needs the services to store what it holds, and accepted executions need the models.
    """
    notes.stopping(layout, "delivering to the lake what it holds")
    await delivery.stop()
    notes.stopping(layout, "working off what it has accepted")
    await asyncio.to_thread(lanes.drain)
    notes.stopping(layout, "stopping the models")
    await sagemaker.stop()
    layout.running.unlink(missing_ok=True)
    notes.stopping(layout, "saving its state")


def _patched_ministack() -> Application:
    """Imports ministack with all patches; ends the start if a name that nrti_local uses is gone."""
    try:
        from nrti_local.ministack.catalogue import apply_all

        apply_all()
        from ministack.app import app
    except (PatchError, ImportError, AttributeError) as error:
        _logger.exception("the patches")
        give_up(str(error))
    ministack: Application = app
    return ministack


def _restore(state: State, gateway: Gateway) -> None:
    """Restores the saved state, the last part of a start that runs without garbage collections."""
    try:
        state.restore(lambda: gateway.changes)
    except Exception as error:
        _logger.exception("the saved state")
        give_up(f"the saved state cannot be restored ({error})", Remedy.RESET)
    gc.freeze()
    gc.set_threshold(*_COLLECTIONS)
    gc.enable()


def _authorization() -> Authorization | None:
    if os.environ["AUTH"] != "true":
        return None
    from nrti_local.iam.authorization import denial

    return denial


async def _answers(url: str, serving: asyncio.Task[None] | None = None) -> None:
    """Waits until the address answers 200; ends the start if it does not, or its server ends."""
    deadline = asyncio.get_running_loop().time() + _READY_SECONDS
    async with aiohttp.ClientSession() as session:
        while asyncio.get_running_loop().time() < deadline:
            if serving and serving.done():
                give_up("its server ended while it was starting")
            try:
                async with session.get(url) as answer:
                    if answer.status == 200:
                        return
            except aiohttp.ClientError:
                pass
            await asyncio.sleep(0.01)
    give_up(f"{url} does not answer after {_READY_SECONDS:.0f} s")


if __name__ == "__main__":
    main()

"""The process of the embedded AWS: ministack, patched, behind the gateway, with its children.

Run as `python -m nrti_local.server.run ROOT PORT LOCK`, the last being the descriptor that holds the lock;
`nrti_local.process` does. It binds 127.0.0.1 only.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import json
import logging
import os
import shutil
import socket
import stat
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType

import aiohttp
import uvicorn
import uvloop

from nrti_local.durability.snapshots import Snapshots
from nrti_local.durability.state import CorruptStateError, State
from nrti_local.errors import Remedy
from nrti_local.ministack.patch import PatchError
from nrti_local.server import lifeline, lock
from nrti_local.server.asgi import Application
from nrti_local.server.disk import FreeSpace
from nrti_local.server.environment import configure
from nrti_local.server.fatal import give_up
from nrti_local.server.gateway import Authorization, Gateway
from nrti_local.server.http_protocol import HttpProtocol
from nrti_local.server.layout import Layout
from nrti_local.server.supervisor import Child
from nrti_local.stepfunctions.scheduler import SCHEDULER

_logger = logging.getLogger(__name__)
_READY_SECONDS, _REPLAY_SECONDS = 30.0, 0.2
#: Of garbage collection. What an event leaves is kept: by Python's own thresholds the server would stop again
#: and again, a second and more with many items, to look through all of them and find no garbage.
_COLLECTIONS = 10_000, 10, 1_000
#: Of the delivery, whose threads make and drop tables: one heap for them all and for Arrow holds a third less
#: than one of each thread beside Arrow's own.
_ONE_HEAP = {"MALLOC_ARENA_MAX": "1", "ARROW_DEFAULT_MEMORY_POOL": "system"}


class _Server(uvicorn.Server):
    """A uvicorn that leaves the order of the shutdown to us."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._loop = asyncio.get_running_loop()
        self.asked_to_stop = asyncio.Event()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002 (uvicorn's signature)
        self._loop.call_soon_threadsafe(self.asked_to_stop.set)


def main() -> None:
    """Runs the embedded AWS until it is told to end."""
    layout, port, held = Layout(Path(sys.argv[1])), int(sys.argv[2]), int(sys.argv[3])
    os.set_inheritable(held, False)
    lock.sign(held)
    if stat.S_ISFIFO(os.fstat(0).st_mode):  # a program in the foreground holds the other end
        lifeline.end_with_parent()
    try:
        state = State(layout.state)
    except CorruptStateError as error:
        give_up(str(error), Remedy.RESET)
    layout.stopping.unlink(missing_ok=True)
    layout.replaying.unlink(missing_ok=True)
    shutil.rmtree(layout.scratch, ignore_errors=True)
    layout.scratch.mkdir(parents=True)
    listener = _listen(port) if port else _listen_as_before(layout)
    # Held as long as this process lives: nobody else gets the port between the choice and the child's bind.
    with _bind(0) as sagemaker, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        configure(layout, listener.getsockname()[1], sagemaker.getsockname()[1])
        runner.run(_serve(layout, state, listener))
    state.journal.close()


async def _serve(layout: Layout, state: State, listener: socket.socket) -> None:
    ministack = _patched_ministack()
    from nrti_local.cloudwatch.alarms.watch import watch
    from nrti_local.kinesis.arrivals import ARRIVALS
    from nrti_local.server import chain, full_disk
    from nrti_local.stepfunctions.acceptance import ACCEPTANCE

    services = chain.before(ministack)
    gateway = Gateway(services, os.environ["NRTI_LOCAL_SAGEMAKER"], _authorization())
    gc.disable()  # what is restored is no garbage
    _restore(state, gateway)
    gc.freeze()
    gc.set_threshold(*_COLLECTIONS)
    gc.enable()
    state.journal.settle = asyncio.get_running_loop().call_soon_threadsafe
    snapshots = Snapshots(state.moment)
    server = _Server(
        uvicorn.Config(
            full_disk.before(gateway, FreeSpace(layout.root)),
            http=HttpProtocol,
            log_config=None,
            access_log=False,
            date_header=False,
            proxy_headers=False,
            lifespan="on",
        )
    )
    sagemaker, delivery = Child("nrti_local.sagemaker"), Child("nrti_local.firehose", _ONE_HEAP)
    sagemaker.start()
    # Clients that waited for a restart send at once: by then the journal and the models have to be there.
    await _ready(os.environ["NRTI_LOCAL_SAGEMAKER"] + "/health")
    ACCEPTANCE.use(state.journal, lambda: state.machines, snapshots.take)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    delivery.start()
    ARRIVALS.listen(delivery.notify)
    await _ready(os.environ["AWS_ENDPOINT_URL"] + "/_ministack/health", serving)
    ACCEPTANCE.resume()
    replay = asyncio.create_task(_tell_of(ACCEPTANCE.replay, layout.replaying))
    snapshots.start()
    watching = asyncio.create_task(watch())
    await asyncio.sleep(0)  # whoever reads that it is ready has to find how far the replay is
    _announce(layout)
    stopping = asyncio.create_task(server.asked_to_stop.wait())
    await asyncio.wait([serving, stopping], return_when=asyncio.FIRST_COMPLETED)
    # The bridge first: it needs the services to put away what it holds. The models end last: the executions
    # that were accepted still ask them.
    watching.cancel()
    replay.cancel()
    _ending(layout, "delivering to the lake what it holds")
    await delivery.stop()
    _ending(layout, "working off what it has accepted")
    await asyncio.to_thread(SCHEDULER.drain)
    _ending(layout, "stopping the models")
    await sagemaker.stop()
    layout.running.unlink(missing_ok=True)
    _ending(layout, "saving its state")
    server.should_exit = True
    await serving
    await snapshots.stop()
    await gateway.close()


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


def _ending(layout: Layout, step: str) -> None:
    """Tells the command that waits for the end what is being done for it."""
    with contextlib.suppress(OSError):  # a full disk must not keep it from ending
        layout.stopping.write_text(step)


async def _tell_of(replay: Callable[[], tuple[int, int]], path: Path) -> None:
    """Tells commands how far the replay is, until it is over."""
    try:
        while (progress := replay())[0] < progress[1]:
            with contextlib.suppress(OSError):
                _replace(path, f"{progress[0]} {progress[1]}")
            await asyncio.sleep(_REPLAY_SECONDS)
    finally:
        path.unlink(missing_ok=True)


def _restore(state: State, gateway: Gateway) -> None:
    try:
        state.restore(lambda: gateway.changes)
    except Exception as error:
        _logger.exception("the saved state")
        give_up(f"the saved state cannot be restored ({error})", Remedy.RESET)


def _authorization() -> Authorization | None:
    if os.environ["AUTH"] != "true":
        return None
    from nrti_local.iam.authorization import denial

    return denial


async def _ready(url: str, serving: asyncio.Task[None] | None = None) -> None:
    """Waits until the address answers 200; gives up if the task that serves it ends."""
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


def _announce(layout: Layout) -> None:
    """Tells waiting commands that everything answers."""
    facts = {
        "pid": os.getpid(),
        "port": int(os.environ["GATEWAY_PORT"]),
        "endpoint_url": os.environ["AWS_ENDPOINT_URL"],
        "since": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    _replace(layout.running, json.dumps(facts))
    (layout.state / "port").write_text(str(facts["port"]))


def _replace(path: Path, text: str) -> None:
    """Writes a small file for commands, which never see a part of it."""
    draft = path.with_suffix(".draft")
    draft.write_text(text)
    draft.replace(path)


def _listen_as_before(layout: Layout) -> socket.socket:
    """Binds the port of the last run, so that addresses written down stay right; else a free one."""
    try:
        return _bind(int((layout.state / "port").read_text()))
    except (OSError, ValueError):
        return _bind(0)


def _listen(port: int) -> socket.socket:
    try:
        return _bind(port)
    except OSError as error:
        give_up(f"port {port} cannot be used ({error.strerror}): choose another with --port")


def _bind(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    listener.set_inheritable(False)
    return listener


if __name__ == "__main__":
    main()

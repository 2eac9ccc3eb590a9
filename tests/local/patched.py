"""A patched ministack in a process of its own: what the tests of the patches stop, restart and kill.

Run as `python -m tests.local.patched STATE PORT`; `start` does.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from nrti_cli.aws.target import Target
from nrti_local.durability.snapshots import Snapshots
from nrti_local.durability.state import State
from nrti_local.process import REGION
from nrti_local.server.asgi import Application

_SECONDS = 20.0


@dataclass(frozen=True)
class Patched:
    """A running one.

    Attributes:
        process: the server.
        target: where it answers.
    """

    process: subprocess.Popen[bytes]
    target: Target

    def __enter__(self) -> Self:
        """Makes sure that it ends with the test."""
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Ends it as a user would, and waits until its state is saved; nothing if it has ended."""
        self.process.terminate()
        self.process.wait(_SECONDS)


def start(state: Path, module: str = __name__) -> Patched:
    """Starts one on a free port; it reads what an earlier one has saved in the directory.

    Args:
        state: the directory of its state.
        module: to run, which calls `serve`.
    """
    port = _free_port()
    address = f"http://127.0.0.1:{port}"
    process = subprocess.Popen([sys.executable, "-m", module, str(state), str(port)])
    deadline = time.monotonic() + _SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            urllib.request.urlopen(f"{address}/_ministack/health")  # noqa: S310 - the address is our own
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.02)
        else:
            return Patched(process, Target(name="local", stack="nrti", endpoint_url=address))
    process.kill()
    raise AssertionError("the patched ministack did not start")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def serve(state: Path, port: int, before: Callable[[Application], Application] = lambda app: app) -> None:
    """Serves until SIGTERM.

    Args:
        state: the directory of its state.
        port: where it answers.
        before: puts a layer in front of it.
    """
    os.environ.update(
        {
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
            "GATEWAY_PORT": str(port),
            "BIND_HOST": "127.0.0.1",
            "MINISTACK_HOST": "127.0.0.1",
            "MINISTACK_REGION": REGION,
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "IOT_MTLS_ENABLED": "0",
            "SFTP_ENABLED": "0",
            "LOG_LEVEL": "WARNING",
            "PERSIST_STATE": "0",
            "STATE_DIR": str(state),
            "NRTI_LOCAL_STATE": str(state),
            "S3_PERSIST": "1",
            "S3_DATA_DIR": str(state / "s3"),
        }
    )
    # On import, ministack warns of a missing library that nothing here needs.
    logging.getLogger("kms").setLevel(logging.ERROR)
    import uvicorn

    from nrti_local.ministack.catalogue import apply_all

    apply_all()
    from ministack.app import app

    from nrti_local.server.layers import chain

    saved = State(state / "saved")
    saved.restore(lambda: 0)
    signal.signal(signal.SIGTERM, lambda *_: None)  # uvicorn raises it again once it has shut down
    uvicorn.run(before(chain.before(app)), host="127.0.0.1", port=port, log_config=None, lifespan="on")
    asyncio.run(Snapshots(saved.moment).stop())


if __name__ == "__main__":
    serve(Path(sys.argv[1]), int(sys.argv[2]))

"""`python -m nrti_local.sagemaker`: serves until SIGTERM, or until the parent process ends."""

from __future__ import annotations

import logging
import signal
import sqlite3
import sys

import uvicorn

from nrti_local.sagemaker.app import App
from nrti_local.sagemaker.settings import Settings
from nrti_local.sagemaker.store import Store
from nrti_local.server.http_protocol import HttpProtocol
from nrti_local.server.processes.lifeline import end_with_parent


def main() -> None:
    """Serves on 127.0.0.1."""
    logging.basicConfig(level=logging.WARNING, format="sagemaker: %(message)s")
    settings = Settings.from_environment()
    try:
        Store(settings.database).close()
    except (sqlite3.DatabaseError, OSError) as error:
        sys.exit(f"sagemaker: its state {settings.database} cannot be read ({error}); delete that file")
    # uvicorn raises the signal again after its shutdown: a requested end is a success.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    end_with_parent()
    uvicorn.run(
        App(settings),
        host="127.0.0.1",
        port=settings.port,
        lifespan="on",
        log_level="warning",
        access_log=False,
        date_header=False,
        proxy_headers=False,
        http=HttpProtocol,
        server_header=False,
        timeout_graceful_shutdown=5,
    )


if __name__ == "__main__":
    main()

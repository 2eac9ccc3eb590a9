"""A load on the live page: predictions of a hundred sensors and ten models, and browsers that ask."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

from tests.local.dashboards import Dashboard

from nrti_cli.aws.target import Target

_FEED = Path(__file__).with_name("page_feed.py")
#: Seconds from one question of a browser to the next, as in feed.js.
_PAUSE = 0.25


@dataclass
class Load:
    """Predictions that are being stored.

    Attributes:
        rate: how many a second were stored, once the load has ended.
    """

    rate: float = 0.0


@contextmanager
def putting(aws: Target, rate: float) -> Iterator[Load]:
    """Stores predictions at a rate, a batch at a time, past the API, by a process of its own."""
    assert aws.endpoint_url
    command = [sys.executable, str(_FEED), aws.endpoint_url, f"{aws.stack}-predictions", str(rate)]
    load = Load()
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield load
        finally:
            said, _ = process.communicate()
    assert process.returncode == 0
    stored, seconds = map(float, said.split())
    load.rate = stored / seconds


@contextmanager
def asking(dashboard: Dashboard, browsers: int, period: int) -> Iterator[None]:
    """So many programs that ask as the page does, each as fast as it may."""
    cookie, ended = dashboard.cookie, threading.Event()

    def work() -> None:
        connection, version = HTTPConnection(urlsplit(dashboard.address).netloc), ""
        pause = 0.0
        while not ended.wait(pause):
            began = time.perf_counter()
            headers = {"Cookie": cookie, "Accept-Encoding": "gzip"}
            connection.request("GET", f"/changes?period={period}&after={version}", headers=headers)
            version = _version(connection.getresponse().read())
            pause = max(0.0, began + _PAUSE - time.perf_counter())
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(browsers)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        ended.set()
        for thread in threads:
            thread.join()


def _version(body: bytes) -> str:
    text = gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body
    return str(json.loads(text)["version"])

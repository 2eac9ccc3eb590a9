"""A load on the live page: predictions of a hundred sensors and ten models, and browsers that ask."""

from __future__ import annotations

import gzip
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

from tests.local.dashboards import Dashboard

from nrti_cli.aws.target import Target

_BATCH = 25
_SENSORS, _MODELS = 100, 10
#: One of so many predicts a failure.
_FAILING = 33
#: Seconds from one question of a browser to the next, as in feed.js.
_PAUSE = 0.25


@contextmanager
def putting(aws: Target, rate: int) -> Iterator[None]:
    """Stores predictions at a rate, a batch at a time, past the API."""
    ended = threading.Event()

    def work() -> None:
        began, number = time.perf_counter(), 0
        while not ended.wait(max(0.0, began + number / rate - time.perf_counter())):
            items = [{"PutRequest": {"Item": _item(each)}} for each in range(number, number + _BATCH)]
            aws.client("dynamodb").batch_write_item(RequestItems={f"{aws.stack}-predictions": items})
            number += _BATCH

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _item(number: int) -> dict[str, Any]:
    now = time.time_ns()
    fails = number % _FAILING == 0
    return {
        "sensor": {"S": f"sensor-{number * 7 % _SENSORS}"},
        "event_key": {"S": f"{now}#{number}"},
        "event_id": {"S": f"{now}-{number}"},
        "model": {"S": f"failure-v{number % _MODELS}"},
        "version": {"S": "20261122000000000"},
        "timestamp": {"N": str(now // 1_000_000 - 5 - number % 40)},
        "received_at": {"N": str(now // 1_000_000 - 4)},
        "predicted_at": {"N": str(now // 1_000_000)},
        "data": {"L": [{"N": "3"}, {"N": "97"}, {"N": "12"}]},
        "prediction": {"N": str(int(fails))},
        "probability": {"N": f"{0.5 + number % 49 / 100 if fails else number % 50 / 100:.4f}"},
        "endpoint": {"S": "nrti-failure"},
    }


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

"""Other load generators, each posting one event a request on one core; requests a second of each."""

from __future__ import annotations

import json
import re
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import mean
from urllib.parse import urlsplit

from benchmarks.sink import pinned

_SECONDS = 1.5
_CONNECTIONS = 64
_BODY = json.dumps(
    {
        "event_id": "019a0000-0000-7000-8000-000000000000",
        "timestamp": 1763820000000,
        "sensor": "sensor-x",
        "model": "failure-v1",
        "data": [12, 80, 7],
    }
)
_HEADERS = {"x-api-key": "key", "content-type": "application/json"}
#: Where `make bench` installs the peers that are Python packages.
BIN = Path(sys.prefix).with_name(f"{Path(sys.prefix).name}-peers") / "bin"

_LOCUST = f"""
from locust import FastHttpUser, task

class Sender(FastHttpUser):
    @task
    def send(self):
        self.client.post("/events", data={_BODY!r}, headers={_HEADERS!r})
"""
_WRK = f"""
wrk.method = "POST"
wrk.body = {_BODY!r}
wrk.headers["x-api-key"] = "key"
wrk.headers["content-type"] = "application/json"
"""
_REQUESTS = f"""
import sys, time, requests
began, count = time.perf_counter(), 0
while time.perf_counter() - began < {_SECONDS}:
    requests.post(sys.argv[1], data={_BODY!r}, headers={_HEADERS!r}).raise_for_status()
    count += 1
print(count / (time.perf_counter() - began))
"""


def _hey(url: str) -> float:
    headers = [part for name, value in _HEADERS.items() for part in ("-H", f"{name}: {value}")]
    length = ["-z", f"{_SECONDS}s", "-c", str(_CONNECTIONS)]
    return _rate(pinned("hey", *length, "-m", "POST", *headers, "-d", _BODY, url))


def _wrk(url: str) -> float:
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(_WRK)
        script.flush()
        # It takes whole seconds only.
        length = ["--threads", "1", "--connections", str(_CONNECTIONS), "--duration", "2s"]
        return _rate(pinned("wrk", *length, "--script", script.name, url))


def _rate(report: str) -> float:
    found = re.search(r"Requests/sec:\s+([\d.]+)", report)
    assert found, report
    return float(found[1])


def _locust(url: str) -> float:
    with tempfile.NamedTemporaryFile("w", suffix=".py") as script:
        script.write(_LOCUST)
        script.flush()
        parts = urlsplit(url)
        users = ["--users", str(_CONNECTIONS), "--spawn-rate", str(_CONNECTIONS), "--run-time", "3s"]
        report = pinned(
            str(BIN / "locust"), "--locustfile", script.name, "--headless", "--json", "--skip-log",
            "--host", f"{parts.scheme}://{parts.netloc}", *users,
        )  # fmt: skip
    (entry,) = json.loads(report)
    # Its first second goes into starting users.
    seconds = sorted(int(second) for second in entry["num_reqs_per_sec"])[1:-1]
    return float(mean(entry["num_reqs_per_sec"][str(second)] for second in seconds))


def _requests(url: str) -> float:
    return float(pinned(str(BIN / "python"), "-c", _REQUESTS, url))


def installed() -> dict[str, Callable[[str], float] | None]:
    """What measures each peer, None for one that is not there."""
    python = (BIN / "locust").exists()
    return {
        "wrk": _wrk if shutil.which("wrk") else None,
        "hey": _hey if shutil.which("hey") else None,
        "locust FastHttpUser": _locust if python else None,
        "requests, a connection each": _requests if python else None,
    }

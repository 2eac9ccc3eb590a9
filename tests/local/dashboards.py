"""A running `nrti dashboard`, and a program that has its cookie."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from tests.local.conftest import Nrti
from tests.local.own import NRTI
from tests.waiting import eventually

#: What the demo's model calls a failure, and what it does not.
FAILS, PASSES = [12, 80, 9], [12, 13, 9]
#: Seconds; on a busy machine everything takes its time.
_DEADLINE = 90.0


def send(nrti: Nrti, sensor: str, sequences: list[list[int]]) -> None:
    """Sends events of a sensor to `failure-v1`."""
    lines = "".join(json.dumps({"sensor": sensor, "data": data}) + "\n" for data in sequences)
    done = nrti("produce", "--model", "failure-v1", "--rate", "500", "--input", "-", input=lines)
    assert done.returncode == 0, done.stderr


@dataclass
class Dashboard:
    """One that serves.

    Attributes:
        process: of the command.
        errors: what it prints.
    """

    process: subprocess.Popen[bytes]
    errors: Path
    _cookie: str = field(default="", init=False)

    @property
    def address(self) -> str:
        """The address that it printed last, good for one browser."""
        found: list[str] = eventually(
            lambda: re.findall(r"http://\S+", self.errors.read_text()), seconds=_DEADLINE
        )
        return found[-1]

    @property
    def cookie(self) -> str:
        """What admits a program, once it has visited the address."""
        if not self._cookie:
            _, headers, _ = self.ask(f"/?{urlsplit(self.address).query}")
            self._cookie = headers["set-cookie"].partition(";")[0]
        return self._cookie

    @property
    def origin(self) -> str:
        """Where it serves."""
        return f"http://{urlsplit(self.address).netloc}"

    def ask(self, path: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body, asked without a cookie."""
        connection = HTTPConnection(urlsplit(self.address).netloc, timeout=30)
        try:
            connection.request("GET", path, headers=headers)
            answer = connection.getresponse()
            return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
        finally:
            connection.close()

    def get(self, path: str, **query: object) -> Any:
        """The JSON at a path, asked with a cookie."""
        status, _, body = self.ask(f"{path}?{urlencode(query, doseq=True)}", Cookie=self.cookie)
        assert status == 200, body
        return json.loads(body)

    def follows(self) -> None:
        """Waits until it has read the lake, and all that is predicted now comes by the stream."""

        def has_begun(data: Any) -> bool:
            return bool(data["history"]["known"] and data["now"] > data["history"]["until"])

        eventually(lambda: self.get("/changes", period=900), has_begun, seconds=_DEADLINE)

    def interrupt(self) -> int:
        """Presses Ctrl-C; the exit code."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(20)


@contextmanager
def running(directory: Path, *arguments: str, env: Mapping[str, str] | None = None) -> Iterator[Dashboard]:
    """Runs `nrti dashboard` until the block ends."""
    errors = directory / f"dashboard-{uuid.uuid4()}.log"
    with errors.open("wb") as stream:
        process = subprocess.Popen([NRTI, "dashboard", "--no-open", *arguments], stderr=stream, env=env)
    try:
        yield Dashboard(process, errors)
    finally:
        process.kill()
        process.wait()

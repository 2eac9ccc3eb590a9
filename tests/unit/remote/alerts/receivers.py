"""A server that receives messages, on 127.0.0.1."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

#: The part of an address that must not be shown.
SECRET = "T0123/B4567/x7Kq9vLmNw2"


@dataclass
class Receiver:
    """What came in.

    Attributes:
        address: with the secret.
        statuses: of the next answers, in turn, then 200; 0 closes the connection instead.
        got: the bodies.
        paths: that were asked for.
    """

    address: str = ""
    statuses: list[int] = field(default_factory=list)
    got: list[Any] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver in a thread of its own."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            receiver.got.append(json.loads(body))
            receiver.paths.append(self.path)
            status = receiver.statuses.pop(0) if receiver.statuses else 200
            if status:
                self.send_response(status, f"you asked for {self.path}")
                self.send_header("Location", receiver.address + "/elsewhere")
                self.end_headers()
                self.wfile.write(f"you asked for {self.path}".encode())

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    receiver.address = f"http://127.0.0.1:{server.server_port}/services/{SECRET}?key={SECRET}"
    try:
        yield receiver
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as running:
        yield running


@pytest.fixture
def webhook(receiver: Receiver, tmp_path: Path) -> str:
    """A file with the receiver's address."""
    path = tmp_path / "webhook"
    path.write_text(receiver.address)
    return str(path)

"""A server that answers 202 at once, on a core of its own, and programs on another core."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_CLIENT_CORE, _SINK_CORE = 0, 1
_READY_SECONDS = 5
_NGINX = """
daemon off; worker_processes 1; pid {directory}/pid; error_log stderr crit;
events {{ worker_connections 1024; }}
http {{
  access_log off; keepalive_requests 100000000; default_type application/json;
  client_body_temp_path {directory}; proxy_temp_path {directory}; fastcgi_temp_path {directory};
  uwsgi_temp_path {directory}; scgi_temp_path {directory};
  server {{ listen 127.0.0.1:{port}; location / {{ return 202 '{{"request_id":"r"}}'; }} }}
}}
"""
_AIOHTTP = """
from sys import stdin
from tests.local.sink import running_sink
with running_sink() as sink:
    print(sink.url, flush=True)
    stdin.read()
"""


def pinned(*command: str, timeout: float = 20) -> str:
    """What a command prints that has one core to itself, as far as others leave it."""
    return subprocess.run(
        _on(_CLIENT_CORE, *command), check=True, capture_output=True, text=True, timeout=timeout
    ).stdout


def _on(core: int, *command: str) -> list[str]:
    """The command kept on a core, where that can be done."""
    if shutil.which("taskset") and core < (os.cpu_count() or 1):
        return ["taskset", "--cpu-list", str(core), *command]
    return list(command)


@contextmanager
def static_sink() -> Iterator[tuple[str, str]]:
    """Its address, and what it is: nginx, or the tests' own server where that is not installed."""
    # Debian keeps it where only root's PATH leads.
    nginx = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if nginx is None:
        with _aiohttp_sink() as url:
            yield url, "aiohttp, for want of nginx"
        return
    with tempfile.TemporaryDirectory(prefix="nrti-bench-") as directory:
        port = free_port()
        config = Path(directory) / "nginx.conf"
        config.write_text(_NGINX.format(directory=directory, port=port))
        process = subprocess.Popen(_on(_SINK_CORE, nginx, "-c", str(config)))
        try:
            _wait_for(port)
            yield f"http://127.0.0.1:{port}/events", "nginx"
        finally:
            process.terminate()
            process.wait()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except ConnectionRefusedError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            return


@contextmanager
def _aiohttp_sink() -> Iterator[str]:
    program = _on(_SINK_CORE, sys.executable, "-c", _AIOHTTP)
    with subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        # It ends with its standard input, which leaving this block closes.
        yield process.stdout.readline().strip()

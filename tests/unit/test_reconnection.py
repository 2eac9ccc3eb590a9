from __future__ import annotations

import socket
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from botocore.exceptions import ConnectionClosedError, EndpointConnectionError

from nrti_cli.aws.reconnection import Reconnection
from nrti_cli.aws.target import Target

RESPONSE = object()
REFUSED = EndpointConnectionError(endpoint_url="http://127.0.0.1:1/")


class _Identity(BaseHTTPRequestHandler):
    """Answers GetCallerIdentity."""

    def do_POST(self) -> None:
        body = (
            b"<GetCallerIdentityResponse><GetCallerIdentityResult><Account>1</Account>"
            b"</GetCallerIdentityResult></GetCallerIdentityResponse>"
        )
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Keeps the test's output clean."""


def _client(port: int) -> tuple[Any, list[object]]:
    """A client, and the list of requests that it tries to send."""
    client = Target(name="local", stack="nrti", endpoint_url=f"http://127.0.0.1:{port}").client("sts")
    sent: list[object] = []
    client.meta.events.register("before-send", lambda request, **_: sent.append(request))
    return client, sent


def _answer_once(port: int) -> int:
    """Starts a server that answers one request; returns its port."""
    server = HTTPServer(("127.0.0.1", port), _Identity)

    def run() -> None:
        server.handle_request()
        server.server_close()

    threading.Thread(target=run, daemon=True).start()
    return int(server.server_port)


def test_without_a_server_on_this_machine_the_first_attempt_is_the_last() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    client, sent = _client(port)

    with pytest.raises(EndpointConnectionError):
        client.get_caller_identity()

    assert len(sent) == 1


def test_a_client_outlives_a_restart() -> None:
    client, sent = _client(port := _answer_once(0))
    client.get_caller_identity()
    # The server is down when the second request fails, and up again when it is repeated.
    client.meta.events.register_last("needs-retry", lambda attempts, **_: _restart(port, attempts))

    assert client.get_caller_identity()["Account"] == "1"
    assert len(sent) > 2


def _restart(port: int, attempts: int) -> None:
    if attempts == 1:
        _answer_once(port)


def test_after_a_response_it_waits_for_a_minute() -> None:
    rule = Reconnection()
    rule(RESPONSE, None, 1)

    waits = [rule(None, REFUSED, attempt) for attempt in range(1, 62)]

    assert waits == [*[1.0] * 60, False]


def test_an_endpoint_elsewhere_and_other_failures_are_left_to_the_sdk() -> None:
    rule = Reconnection()
    elsewhere = EndpointConnectionError(endpoint_url="https://sts.eu-west-1.amazonaws.com/")

    assert rule(None, elsewhere, 1) is None
    assert rule(None, ConnectionClosedError(endpoint_url="http://127.0.0.1:1/"), 1) is None


def test_an_impatient_target_shares_the_session_and_waits_for_nothing() -> None:
    target = Target(name="local", stack="nrti", endpoint_url="http://127.0.0.1:1")
    impatient = target.impatient()
    port = _answer_once(0)
    address = f"http://127.0.0.1:{port}"
    client = Target(name="local", stack="nrti", endpoint_url=address).impatient().client("sts")
    client.get_caller_identity()

    with pytest.raises((EndpointConnectionError, ConnectionClosedError)):
        client.get_caller_identity()

    assert impatient.session is target.session
    assert impatient.client("sts") is not target.client("sts")

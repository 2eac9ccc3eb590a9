"""A client that ends its side of the connection behind its request, as `nc -N` does, gets its answer."""

from __future__ import annotations

import socket
from urllib.parse import urlsplit

from nrti_cli.aws.target import Target

REQUEST = b"GET /_ministack/health HTTP/1.1\r\nhost: h\r\n\r\n"


def _answer(target: Target, request: bytes) -> bytes:
    """What comes until the server hangs up."""
    address = urlsplit(target.endpoint_url or "")
    with socket.create_connection((address.hostname or "", address.port or 0), timeout=10) as connection:
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: connection.recv(65536), b""))


def test_an_answer_to_a_half_closed_connection(embedded: Target) -> None:
    assert _answer(embedded, REQUEST).startswith(b"HTTP/1.1 200")


def test_all_answers_to_a_half_closed_connection(embedded: Target) -> None:
    assert _answer(embedded, REQUEST * 3).count(b"HTTP/1.1 200") == 3


def test_who_leaves_within_a_request_gets_none(embedded: Target) -> None:
    assert _answer(embedded, b"PUT /bucket HTTP/1.1\r\nhost: h\r\ncontent-length: 10\r\n\r\nhalf") == b""
    assert _answer(embedded, REQUEST[:-2]) == b""

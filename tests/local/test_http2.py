"""HTTP/2 without TLS, as the AWS SDK for JavaScript speaks it to Kinesis."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from h2.connection import H2Connection
from h2.events import DataReceived, Event, ResponseReceived, StreamEnded

from nrti_cli.aws.target import Target
from tests.local.sagemaker_support import SageMaker

#: The client's word that it will send no more requests on the connection.
_GOAWAY = bytes([0, 0, 8, 7, 0, 0, 0, 0, 0]) + bytes(8)
_BODY = bytes(range(256)) * 4000


def _events(connection: H2Connection, wire: socket.socket) -> Iterator[Event]:
    wire.sendall(connection.data_to_send())
    while data := wire.recv(65536):
        for event in connection.receive_data(data):
            yield event
            if isinstance(event, DataReceived):
                connection.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
        wire.sendall(connection.data_to_send())


@pytest.mark.parametrize("ends", [True, False])
def test_a_long_answer_comes_whole_though_the_client_wants_no_more(embedded: Target, *, ends: bool) -> None:
    s3 = SageMaker.of(embedded)
    s3.put("long", _BODY)
    address = urlsplit(embedded.endpoint_url or "")
    connection, got = H2Connection(), b""
    connection.initiate_connection()
    names = {":method": "GET", ":scheme": "http", ":authority": address.netloc, ":path": f"/{s3.bucket}/long"}
    connection.send_headers(1, list(names.items()), end_stream=True)
    with socket.create_connection((address.hostname, address.port), timeout=30) as wire:
        for event in _events(connection, wire):
            if isinstance(event, ResponseReceived):
                assert event.headers
                assert dict(event.headers)[b":status"] == b"200"
                wire.sendall(_GOAWAY if ends else b"")
            elif isinstance(event, DataReceived):
                got += event.data or b""
            elif isinstance(event, StreamEnded):
                break
    assert got == _BODY

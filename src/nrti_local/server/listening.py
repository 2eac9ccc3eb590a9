"""The sockets of the server, on 127.0.0.1 only."""

from __future__ import annotations

import socket

from nrti_local.server.processes.fatal import give_up
from nrti_local.server.processes.layout import Layout


def listen(layout: Layout, port: int) -> socket.socket:
    """Binds a port, and ends the process if it is not free.

    Args:
        layout: has the port of the last run.
        port: 0 for the port of the last run, so that known addresses stay valid, or else a free one.
    """
    if not port:
        return _listen_as_before(layout)
    try:
        return bind(port)
    except OSError as error:
        give_up(f"port {port} cannot be used ({error.strerror}): choose another with --port")


def _listen_as_before(layout: Layout) -> socket.socket:
    try:
        return bind(int(layout.port.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return bind(0)


def bind(port: int) -> socket.socket:
    """Binds a port; 0 for a free one."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    listener.set_inheritable(False)
    return listener
